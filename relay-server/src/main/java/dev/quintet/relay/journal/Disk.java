package dev.quintet.relay.journal;

import java.io.IOException;
import java.util.List;

/**
 * One flat directory of files, as far as the journal needs one.
 *
 * <p>{@link FileDisk} in the relay; in tests a disk in memory that forgets what was not forced.
 *
 * <p><b>Thread:</b> any. The methods block and are not for event loops. A thread that uses a file must not be
 * interrupted: an interrupt closes the file under everybody.
 */
public interface Disk {
    /** The names of all files, in no order. */
    List<String> names() throws IOException;

    /**
     * Creates a file of zeros that is really written and forced, so that a full disk shows here and not at a later
     * write. Leaves nothing behind when it fails. The name is durable only after {@link #sync}.
     */
    DiskFile create(String name, long bytes) throws IOException;

    /** Opens an existing file for reading and writing. */
    DiskFile open(String name) throws IOException;

    /** Renames a file at once; open ones stay open. Durable only after {@link #sync}. */
    void rename(String from, String to) throws IOException;

    /** Deletes a file; open ones stay readable. Durable only after {@link #sync}. */
    void delete(String name) throws IOException;

    /** Makes all created, renamed and deleted names durable. */
    void sync() throws IOException;
}
