package dev.quintet.relay.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory that holds everything durable, held by this process alone while it is open.
 *
 * <pre>
 *   format                        "quintet 1": what the rest is to be read as; locked by the relay that uses it
 *   pid                           that relay's process, for the one who finds the directory in use
 *   development-certificate.pem   made if none is configured, with development-key.pem
 *   journal/, image/              the rooms' own
 * </pre>
 *
 * <p>The lock is on {@code format} and not on a file of its own: who removes a lock file by hand lets a second relay
 * in, who removes {@code format} lets none in.
 *
 * <p><b>Failure:</b> {@link StartRefused} on a directory that is in use, of another format, not ours or not writable;
 * nothing in it was changed then.
 */
public final class DataDirectory implements AutoCloseable {
    /** The format that this relay reads and writes. */
    static final int FORMAT = 1;

    private static final int MAX_FORMAT_BYTES = 64;
    private static final Pattern FORMAT_LINE = Pattern.compile("quintet (\\d{1,9})\n");
    private static final String OWNER_ONLY = "rwx------";

    private final Path path;
    private final FileChannel format;

    private DataDirectory(Path path, FileChannel format) {
        this.path = path;
        this.format = format;
    }

    /** Opens the directory, making it first if it does not exist. */
    public static DataDirectory open(Path configured) {
        Path path = configured.toAbsolutePath().normalize();
        make(path);
        boolean isNew = !Files.exists(path.resolve("format"));
        if (isNew) {
            checkHoldsNothingElse(path);
        }
        FileChannel format = null;
        try {
            format = FileChannel.open(
                    path.resolve("format"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            lock(path, format);
            checkOrWriteFormat(path, format);
            Files.writeString(path.resolve("pid"), ProcessHandle.current().pid() + "\n");
            return new DataDirectory(path, format);
        } catch (IOException thrown) {
            close(format);
            throw new StartRefused("cannot write to the data directory " + path + ": " + reason(thrown));
        } catch (StartRefused refused) {
            close(format);
            throw refused;
        }
    }

    /** The directory itself, absolute. */
    public Path path() {
        return path;
    }

    /** A room's own directory in it; made if it does not exist. */
    public Path room(String name) {
        Path room = path.resolve(name);
        make(room);
        return room;
    }

    /** Lets another process have it. */
    @Override
    public void close() {
        close(format);
    }

    /** Makes the names in a directory durable. */
    static void force(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static void make(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        if (Files.exists(directory)) {
            throw new StartRefused("cannot use " + directory + " for data: it is not a directory");
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        } catch (IOException thrown) {
            throw new StartRefused("cannot make the data directory " + directory + ": " + reason(thrown));
        }
    }

    private static void checkHoldsNothingElse(Path path) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                throw new StartRefused("cannot use " + path + " for data: it holds " + file.getFileName()
                        + " but no file named format, so it is not a relay's");
            }
        } catch (IOException thrown) {
            throw new StartRefused("cannot read the data directory " + path + ": " + reason(thrown));
        }
    }

    private static void lock(Path path, FileChannel format) throws IOException {
        boolean isLocked;
        try {
            isLocked = format.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            isLocked = false;
        }
        if (!isLocked) {
            throw new StartRefused("the data directory " + path + " is in use by another relay" + processOf(path));
        }
    }

    private static String processOf(Path path) throws IOException {
        Path file = path.resolve("pid");
        String text = Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        return text.matches("\\d{1,9}\n") ? ", process " + text.strip() : "";
    }

    /** Through the locked channel alone: closing a second one on the same file would drop the lock. */
    private static void checkOrWriteFormat(Path path, FileChannel format) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(MAX_FORMAT_BYTES);
        format.read(content, 0);
        if (content.position() == 0) {
            format.write(ByteBuffer.wrap(("quintet " + FORMAT + "\n").getBytes(StandardCharsets.ISO_8859_1)), 0);
            format.force(true);
            force(path);
            return;
        }
        String line = new String(content.array(), 0, content.position(), StandardCharsets.ISO_8859_1);
        Matcher matcher = FORMAT_LINE.matcher(line);
        if (!matcher.matches()) {
            throw new StartRefused(path.resolve("format") + " is damaged: it should hold the line quintet " + FORMAT);
        }
        int found = Integer.parseInt(matcher.group(1));
        if (found != FORMAT) {
            throw new StartRefused("the data directory " + path + " has format " + found
                    + (found > FORMAT
                            ? ", written by a newer relay; this one reads format " + FORMAT
                            : "; this relay reads format " + FORMAT));
        }
    }

    /** What the operating system said, without the path that the exceptions of java.nio.file put first. */
    private static String reason(IOException thrown) {
        if (thrown instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (thrown instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason();
        }
        return String.valueOf(thrown.getMessage());
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException endsWithTheProcess) {
            // Nothing depends on it.
        }
    }
}
