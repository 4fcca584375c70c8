package dev.quintet.relay.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that loses, when the power is cut, what was not forced: of the unforced sectors of 512 bytes any may
 * be there afterwards and any not, and so with every name that was made, changed or deleted since the last sync.
 *
 * <p>It can also be told to be full, to fail, to cut the power at a certain operation, or to lie about forcing.
 *
 * <p><b>Thread:</b> any.
 */
public final class ForgetfulDisk implements Disk {
    private static final int SECTOR_BYTES = 512;
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Map<String, Content> names = new HashMap<>();
    private final List<Consumer<Map<String, Content>>> unsyncedChanges = new ArrayList<>();
    private final Map<String, Content> syncedNames = new HashMap<>();
    private final List<Content> contents = new ArrayList<>();

    private long operationsLeft = FOR_EVER;
    private long capacityBytes = Long.MAX_VALUE;
    private boolean isDown;
    private boolean isForceIgnored;
    private boolean isWriteFailing;
    private boolean isForceFailing;
    private int life;
    private int forceCount;
    private int failedForceCount;

    private static final class Content {
        private final TreeMap<Integer, byte[]> forcedSectors = new TreeMap<>();
        private byte[] bytes;

        Content(byte[] bytes) {
            this.bytes = bytes;
        }

        void write(ByteBuffer source, int offset) {
            int end = offset + source.remaining();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, end);
            }
            for (int sector = offset / SECTOR_BYTES; sector * SECTOR_BYTES < end; sector++) {
                int start = sector * SECTOR_BYTES;
                forcedSectors.computeIfAbsent(sector, any -> Arrays.copyOfRange(bytes, start, start + SECTOR_BYTES));
            }
            source.get(bytes, offset, source.remaining());
        }

        void forget(RandomGenerator random, double keptShare) {
            forcedSectors.forEach((sector, forced) -> {
                if (random.nextDouble() >= keptShare) {
                    int start = sector * SECTOR_BYTES;
                    System.arraycopy(forced, 0, bytes, start, Math.min(SECTOR_BYTES, bytes.length - start));
                }
            });
            forcedSectors.clear();
        }
    }

    /** The power is cut in the middle of the operation after this many; all later ones fail until {@link #restart}. */
    public synchronized void cutPowerAfter(long operations) {
        operationsLeft = operations;
    }

    /** Whether the power has been cut. */
    public synchronized boolean isDown() {
        return isDown;
    }

    /** Cuts the power, if that has not happened, and comes up again with what the disk remembers. */
    public synchronized void restart(RandomGenerator random) {
        double keptShare = random.nextInt(3) / 2.0;
        for (Consumer<Map<String, Content>> change : unsyncedChanges) {
            if (random.nextDouble() < keptShare) {
                change.accept(syncedNames);
            }
        }
        unsyncedChanges.clear();
        names.clear();
        names.putAll(syncedNames);
        contents.forEach(content -> content.forget(random, keptShare));
        contents.retainAll(names.values());
        replaceProcess();
    }

    /** The process that used it was killed, no power was cut: all that was written is there, forced or not. */
    public synchronized void replaceProcess() {
        isDown = false;
        operationsLeft = FOR_EVER;
        life++;
    }

    /** After a cut that took the process alone: all that was written is there, and what was not forced still unsafe. */
    public synchronized void restartProcess() {
        isDown = false;
        operationsLeft = FOR_EVER;
        life++;
    }

    /** From now on no file is created that would bring all files together above this size. */
    public synchronized void limitTo(long bytes) {
        capacityBytes = bytes;
    }

    /** From now on forcing only pretends, as a drive with a volatile cache does. */
    public synchronized void ignoreForce() {
        isForceIgnored = true;
    }

    /** From now on every write fails, or none. */
    public synchronized void failWrites(boolean isFailing) {
        isWriteFailing = isFailing;
    }

    /** From now on every force fails, or none. */
    public synchronized void failForces(boolean isFailing) {
        isForceFailing = isFailing;
    }

    /** How often a file was forced. */
    public synchronized int forceCount() {
        return forceCount;
    }

    /** How often forcing a file has failed. */
    public synchronized int failedForceCount() {
        return failedForceCount;
    }

    /** The bytes of a file as they are now. */
    public synchronized byte[] bytes(String name) {
        return find(name).bytes.clone();
    }

    /** Puts a file there, durable at once. */
    public synchronized void put(String name, byte[] bytes) {
        Content content = new Content(bytes.clone());
        contents.add(content);
        names.put(name, content);
        syncedNames.put(name, content);
    }

    private Content find(String name) {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchElementException(name);
        }
        return content;
    }

    @Override
    public synchronized List<String> names() throws IOException {
        checkPower();
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized DiskFile create(String name, long bytes) throws IOException {
        long used = names.values().stream()
                .mapToLong(content -> content.bytes.length)
                .sum();
        if (used + bytes > capacityBytes) {
            throw new IOException("No space left on device");
        }
        Content content = new Content(new byte[(int) bytes]);
        contents.add(content);
        change(map -> map.put(name, content));
        return new Handle(content, life);
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        checkPower();
        return new Handle(find(name), life);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Content content = find(from);
        change(map -> {
            map.remove(from);
            map.put(to, content);
        });
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        change(map -> map.remove(name));
    }

    private void change(Consumer<Map<String, Content>> change) throws IOException {
        checkPower();
        unsyncedChanges.add(change);
        countOperation();
        change.accept(names);
    }

    @Override
    public synchronized void sync() throws IOException {
        checkPower();
        countOperation();
        if (!isForceIgnored) {
            syncedNames.clear();
            syncedNames.putAll(names);
            unsyncedChanges.clear();
        }
    }

    private void countOperation() throws IOException {
        if (operationsLeft != FOR_EVER && operationsLeft-- == 0) {
            isDown = true;
        }
        checkPower();
    }

    private void checkPower() throws IOException {
        if (isDown) {
            throw new IOException("the power is cut");
        }
    }

    private final class Handle implements DiskFile {
        private final Content content;
        private final int openedIn;

        Handle(Content content, int openedIn) {
            this.content = content;
            this.openedIn = openedIn;
        }

        @Override
        public long size() throws IOException {
            synchronized (ForgetfulDisk.this) {
                checkHandle();
                return content.bytes.length;
            }
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            synchronized (ForgetfulDisk.this) {
                checkHandle();
                if (isWriteFailing) {
                    throw new IOException("Input/output error");
                }
                content.write(source, (int) offset);
                countOperation();
            }
        }

        @Override
        public void read(ByteBuffer target, long offset) throws IOException {
            synchronized (ForgetfulDisk.this) {
                checkHandle();
                int count = (int) Math.min(target.remaining(), content.bytes.length - offset);
                if (count > 0) {
                    target.put(content.bytes, (int) offset, count);
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (ForgetfulDisk.this) {
                checkHandle();
                countOperation();
                forceCount++;
                if (isForceFailing) {
                    failedForceCount++;
                    throw new IOException("Input/output error");
                }
                if (!isForceIgnored) {
                    content.forcedSectors.clear();
                }
            }
        }

        private void checkHandle() throws IOException {
            checkPower();
            if (openedIn != life) {
                throw new IOException("the file was open when the power was cut");
            }
        }

        @Override
        public void close() {}
    }
}
