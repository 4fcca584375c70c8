package dev.quintet.relay.account;

/**
 * Where one one-time prekey is on the disk.
 *
 * @param device whose it is
 * @param index in the device's queue
 * @param position of the journal entry that holds it; negative if it is in the image
 * @param offset in that entry
 * @param length in bytes
 */
record PrekeyPlace(int device, long index, long position, int offset, int length) {
    static final long IN_IMAGE = -1;

    static PrekeyPlace inImage(int device, long index) {
        return new PrekeyPlace(device, index, IN_IMAGE, 0, 0);
    }
}
