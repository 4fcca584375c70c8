package dev.quintet.relay.journal;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the file system. */
public final class FileDisk implements Disk {
    private static final int FILL_BYTES = 1 << 20;

    private final Path directory;

    /** Creates the directory if it is not there. */
    public FileDisk(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Override
    public DiskFile create(String name, long bytes) throws IOException {
        if (Files.getFileStore(directory).getUsableSpace() < bytes) {
            // Or a full disk would be filled and emptied again at each try.
            throw new IOException("no space left for " + bytes + " bytes in " + directory);
        }
        Path path = directory.resolve(name);
        DiskFile file = new OpenFile(FileChannel.open(path, CREATE_NEW, READ, WRITE));
        try {
            fill(file, bytes);
            return file;
        } catch (IOException failure) {
            file.close();
            Files.deleteIfExists(path);
            throw failure;
        }
    }

    private static void fill(DiskFile file, long bytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(FILL_BYTES, bytes));
        for (long offset = 0; offset < bytes; offset += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - offset));
            file.write(zeros, offset);
        }
        file.force();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new OpenFile(FileChannel.open(directory.resolve(name), READ, WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    private record OpenFile(FileChannel channel) implements DiskFile {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            long start = offset - source.position();
            while (source.hasRemaining()) {
                channel.write(source, start + source.position());
            }
        }

        @Override
        public void read(ByteBuffer target, long offset) throws IOException {
            long start = offset - target.position();
            while (target.hasRemaining()) {
                if (channel.read(target, start + target.position()) < 0) {
                    return;
                }
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
