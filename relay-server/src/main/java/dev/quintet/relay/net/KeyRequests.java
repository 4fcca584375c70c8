package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GetKeys;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.KeyAnswer;
import dev.quintet.relay.store.Resident;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * What a connected device asks about keys: stores its own, counts them, fetches those of others.
 *
 * <p>A device uploads for nobody but itself: the connection says who it is. Uploads are checked one after the other, so
 * that their ids rise in the order in which they were sent.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Limits:</b> {@link #UPLOADS} that wait for their signatures to be checked.
 */
final class KeyRequests {
    private static final int UPLOADS = 4;
    private static final int OVERLOADED_MILLIS = 500;

    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final AccountId account;
    private final int device;
    private final Supplier<Resident> resident;
    private final Deque<Waiting> uploads = new ArrayDeque<>();

    private record Waiting(long requestId, KeyUpload upload) {}

    /** Of the device behind {@code writer}; {@code resident} is its account, or null once it has left. */
    KeyRequests(
            Reception reception,
            HomeRooms rooms,
            FrameWriter writer,
            AccountId account,
            int device,
            Supplier<Resident> resident) {
        this.reception = reception;
        this.rooms = rooms;
        this.writer = writer;
        this.account = account;
        this.device = device;
        this.resident = resident;
    }

    /** The device uploads. */
    void put(long requestId, PutKeys keys) {
        try {
            KeyUpload upload = KeyUpload.parse(keys);
            if (uploads.size() == UPLOADS) {
                overloaded(requestId);
                return;
            }
            uploads.add(new Waiting(requestId, upload));
            if (uploads.size() == 1) {
                verify(uploads.peek());
            }
        } catch (ProtocolException broken) {
            writer.sendError(requestId, broken.code(), broken.getMessage(), 0);
        }
    }

    private void verify(Waiting next) {
        MemberDevice member = member();
        if (member == null) {
            uploads.clear();
            return;
        }
        Ed25519Key identity = member.identityKey();
        try {
            reception.ways().crypto().execute(() -> {
                boolean isGood = next.upload().isSignedBy(account, device, identity);
                rooms.home().executor().execute(() -> verified(next, isGood));
            });
        } catch (RejectedExecutionException full) {
            overloaded(next.requestId());
            ended();
        }
    }

    private void verified(Waiting waiting, boolean isGood) {
        if (member() != null) {
            if (isGood) {
                store(waiting);
            } else {
                String message = "a signature is not this device's over its key";
                writer.sendError(waiting.requestId(), ErrorCode.INVALID_KEYS, message, 0);
            }
        }
        ended();
    }

    private void ended() {
        uploads.remove();
        if (!uploads.isEmpty()) {
            verify(uploads.peek());
        }
    }

    private void store(Waiting waiting) {
        long requestId = waiting.requestId();
        rooms.prekeys().put(resident.get(), device, waiting.upload(), answer -> answerCount(requestId, answer));
    }

    /** The device asks how many keys it has stored. */
    void count(long requestId) {
        rooms.prekeys().count(resident.get(), device, answer -> answerCount(requestId, answer));
    }

    private void answerCount(long requestId, KeyAnswer<KeyCount> answer) {
        if (answer.isGranted()) {
            writer.send(ServerFrame.newBuilder().setRequestId(requestId).setKeyCount(answer.value()));
        } else {
            refuse(requestId, answer);
        }
    }

    /** The device asks for keys of an account. */
    void get(long requestId, GetKeys wanted) {
        AccountId target = AccountId.of(wanted.getAccount());
        HomeRooms home = reception.homeOf(target);
        home.home().run(() -> {
            boolean isTaken = home.prekeys()
                    .get(
                            target,
                            account,
                            wanted.getDevicesList(),
                            answer -> onLoop(() -> {
                                if (answer.isGranted()) {
                                    writer.send(ServerFrame.newBuilder()
                                            .setRequestId(requestId)
                                            .setKeyBundles(answer.value()));
                                } else {
                                    refuse(requestId, answer);
                                }
                            }));
            if (!isTaken) {
                onLoop(() -> overloaded(requestId));
            }
        });
    }

    private void refuse(long requestId, KeyAnswer<?> answer) {
        if (answer.code() == ErrorCode.RATE_LIMITED) {
            reception.terms().meters().rateLimited("keys");
        }
        writer.sendError(requestId, answer.code(), answer.message(), answer.retryAfterMillis());
    }

    private void overloaded(long requestId) {
        writer.sendError(requestId, ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
    }

    /** The device as its account's list has it now; null if it has left or was removed. */
    private MemberDevice member() {
        Resident own = resident.get();
        return own == null ? null : rooms.deviceLists().account(own).list().device(device);
    }

    private void onLoop(Runnable action) {
        rooms.home().run(action);
    }
}
