package dev.quintet.relay.store;

/**
 * Names one ordered set of rows of the image.
 *
 * @param name lower case, unique over all chapters, never changed once it is on disk
 */
public record Table(String name) {}
