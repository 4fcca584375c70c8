package dev.quintet.relay.store;

/**
 * Names one ordered set of rows of the image.
 *
 * <p>Every key begins with the 16 bytes of an account id, so that all rows of an account lie together and a filter can
 * tell without a disk access that an account has none; or it is the hash of a name that all accounts share.
 *
 * @param name lower case, unique over all chapters, never changed once it is on disk
 */
public record Table(String name) {}
