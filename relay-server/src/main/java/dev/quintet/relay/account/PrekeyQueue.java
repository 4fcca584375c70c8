package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.LastResortKey;
import dev.quintet.protocol.wire.SignedPrekey;
import dev.quintet.relay.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * The keys of one device: its one-time prekeys as a queue, of which only the ends are in memory, and the two keys that
 * are handed out again and again.
 *
 * <p>Each one-time prekey gets the next index when it is stored, and leaves in that order.
 *
 * <pre>
 *    handed out       waiting
 *   ─ ─ ─ ─ ─ ─ ┬──────────────┬──────────────┐
 *               │ in the image │ in uploads   │
 *   ─ ─ ─ ─ ─ ─ ┴──────────────┴──────────────┘
 *              first                          end
 * </pre>
 *
 * <p>As a row of the image:
 *
 * <pre>
 * key    account 16, device 4
 * value  first 8, end 8, highest id 4, owner was told 1, length of the signed prekey 2, signed prekey, last-resort key
 * </pre>
 *
 * <p><b>Thread:</b> the account's home loop; while it is folded, the fold thread. <b>Memory:</b> the two keys, and four
 * bytes for each one-time prekey that is not in the image yet.
 */
final class PrekeyQueue {
    static final Table TABLE = new Table("keys");

    private static final byte[] NONE = {};

    private final int device;
    private long first;
    private long end;
    private int highestId;
    private boolean isTold;
    private byte[] signedPrekey = NONE;
    private byte[] lastResort = NONE;
    private long position = PrekeyPlace.IN_IMAGE;
    private final Deque<Upload> uploads = new ArrayDeque<>(0);

    /** One-time prekeys of one journal entry, and where in it each starts and the last one ends. */
    private record Upload(long first, long position, int[] offsets) {
        long end() {
            return first + offsets.length - 1;
        }
    }

    /** A device that has uploaded nothing. */
    PrekeyQueue(int device) {
        this.device = device;
    }

    int device() {
        return device;
    }

    /** Index of the next one to be handed out. */
    long first() {
        return first;
    }

    /** Index that the next one to be stored gets. */
    long end() {
        return end;
    }

    int count() {
        return (int) (end - first);
    }

    boolean isEmpty() {
        return first == end;
    }

    /** The highest id of a one-time prekey that the device has ever uploaded; 0 if it never did. */
    int highestId() {
        return highestId;
    }

    /** Position of the newest entry that changed it; negative if that is in the image. */
    long position() {
        return position;
    }

    /** Whether its last one-time prekey is gone and its owner does not know yet. */
    boolean isNoticeDue() {
        return isEmpty() && end > 0 && !isTold;
    }

    // Changing, in memory and in the fold alike

    /** Takes an upload of {@code count} one-time prekeys, the first of which has the index {@code firstIndex}. */
    void put(byte[] newSignedPrekey, byte[] newLastResort, long firstIndex, int count, int newHighestId) {
        signedPrekey = newSignedPrekey.length == 0 ? signedPrekey : newSignedPrekey;
        lastResort = newLastResort.length == 0 ? lastResort : newLastResort;
        end = firstIndex + count;
        highestId = newHighestId;
        isTold &= count == 0;
    }

    /** Everything before {@code nextIndex} is handed out. */
    void handOut(long nextIndex) {
        first = nextIndex;
        end = Math.max(end, nextIndex);
    }

    void setTold(boolean told) {
        isTold = told;
    }

    // Places, in memory only

    /** The upload that was just put stands in the entry at {@code entryPosition}. */
    void uploaded(long firstIndex, long entryPosition, int[] offsets) {
        position = entryPosition;
        if (offsets.length > 1) {
            uploads.add(new Upload(firstIndex, entryPosition, offsets));
        }
    }

    /** An entry that stands there has changed it. */
    void changedAt(long entryPosition) {
        position = entryPosition;
    }

    /** Where the first one is. */
    PrekeyPlace firstPlace() {
        dropWhile(upload -> upload.end() <= first);
        Upload upload = uploads.peek();
        if (upload == null || upload.first() > first) {
            return PrekeyPlace.inImage(device, first);
        }
        int key = (int) (first - upload.first());
        int offset = upload.offsets()[key];
        return new PrekeyPlace(device, first, upload.position(), offset, upload.offsets()[key + 1] - offset);
    }

    /** The image holds everything below {@code imagePosition}; answers whether nothing else is to be remembered. */
    boolean imageAdvanced(long imagePosition) {
        dropWhile(upload -> upload.position() < imagePosition);
        return uploads.isEmpty();
    }

    private void dropWhile(Predicate<Upload> isDone) {
        while (!uploads.isEmpty() && isDone.test(uploads.peek())) {
            uploads.remove();
        }
    }

    // Reading

    KeyCount toCount() {
        return KeyCount.newBuilder()
                .setOneTime(count())
                .setHasSignedPrekey(signedPrekey.length > 0)
                .setHasLastResort(lastResort.length > 0)
                .setHighestOneTimeId(highestId)
                .build();
    }

    /** Adds the keys that are handed out again and again. */
    void addTo(KeyBundle.Builder bundle) {
        try {
            if (signedPrekey.length > 0) {
                bundle.setSignedPrekey(SignedPrekey.parseFrom(signedPrekey));
            }
            if (lastResort.length > 0) {
                bundle.setLastResort(LastResortKey.parseFrom(lastResort));
            }
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalStateException("a key on disk is not what was stored", broken);
        }
    }

    int weight() {
        return 128 + signedPrekey.length + lastResort.length;
    }

    // The row

    static byte[] key(AccountId account, int device) {
        return ByteBuffer.allocate(AccountId.BYTES + Integer.BYTES)
                .putLong(account.high())
                .putLong(account.low())
                .putInt(device)
                .array();
    }

    static int device(byte[] key) {
        return ByteBuffer.wrap(key).getInt(AccountId.BYTES);
    }

    /** The queue in {@code value}, which is null for a device that has uploaded nothing. */
    static PrekeyQueue ofRow(int device, byte[] value) {
        PrekeyQueue queue = new PrekeyQueue(device);
        if (value != null) {
            queue.read(ByteBuffer.wrap(value));
        }
        return queue;
    }

    private void read(ByteBuffer row) {
        first = row.getLong();
        end = row.getLong();
        highestId = row.getInt();
        isTold = row.get() != 0;
        signedPrekey = new byte[row.getShort() & 0xffff];
        row.get(signedPrekey);
        lastResort = new byte[row.remaining()];
        row.get(lastResort);
    }

    byte[] toRow() {
        int bytes = 2 * Long.BYTES + Integer.BYTES + Byte.BYTES + Short.BYTES;
        return ByteBuffer.allocate(bytes + signedPrekey.length + lastResort.length)
                .putLong(first)
                .putLong(end)
                .putInt(highestId)
                .put((byte) (isTold ? 1 : 0))
                .putShort((short) signedPrekey.length)
                .put(signedPrekey)
                .put(lastResort)
                .array();
    }
}
