package dev.quintet.benchmarks;

import dev.quintet.relay.journal.Disk;
import dev.quintet.relay.journal.DiskFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A disk that forces in no time: what the journal itself costs. */
final class MemoryDisk implements Disk {
    private final Map<String, MemoryFile> files = new ConcurrentHashMap<>();

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public DiskFile create(String name, long bytes) {
        MemoryFile file = new MemoryFile(ByteBuffer.allocateDirect(Math.toIntExact(bytes)));
        files.put(name, file);
        return file;
    }

    @Override
    public DiskFile open(String name) {
        return files.get(name);
    }

    @Override
    public void rename(String from, String to) {
        files.put(to, files.remove(from));
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void sync() {
        // Nothing can be lost.
    }

    private record MemoryFile(ByteBuffer bytes) implements DiskFile {
        @Override
        public long size() {
            return bytes.capacity();
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            bytes.put((int) offset, source, source.position(), source.remaining());
            source.position(source.limit());
        }

        @Override
        public void read(ByteBuffer target, long offset) {
            target.put(bytes.slice((int) offset, target.remaining()));
        }

        @Override
        public void force() {
            // Nothing can be lost.
        }

        @Override
        public void close() {
            // The collector does.
        }
    }
}
