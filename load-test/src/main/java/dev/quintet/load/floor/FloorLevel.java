package dev.quintet.load.floor;

/** How much a floor does, each more than the one before. */
public enum FloorLevel {
    /** Hands on what comes, and says so at once. */
    FORWARD,
    /** Writes each submission to a log and hands it on and says so after fdatasync, one for all that came meanwhile. */
    LOG,
    /** Writes the devices' acknowledgements as well, and confirms them when they are on the disk. */
    ACKNOWLEDGE
}
