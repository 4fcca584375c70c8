package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Register;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.link.ListAnswer;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Decides whether the device that answered a challenge is let in.
 *
 * <p>An account is looked up at its home, signatures are verified on the crypto threads. Whoever proves nothing gets the
 * same answer after the same work, whether there is such a device or not.
 *
 * <p><b>Thread:</b> the handshake's loop, and the verdict comes there.
 */
final class Admission {
    private static final int OVERLOADED_MILLIS = 1_000;

    /** Stands in for the key of a device that is not there, so that its login takes as long as any other. */
    private static final Ed25519Key NOBODY =
            Ed25519Key.of(HexFormat.of().parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));

    private final Reception reception;
    private final Executor loop;
    private final byte[] challenge;
    private final AccountId newAccount;

    /** Who a device says it is, with the home of its account. */
    record Claim(HomeRooms rooms, AccountId account, int device) {}

    /** Takes the verdict, on the handshake's loop. */
    interface Verdict {
        /** The device is this one. */
        void admitted(Claim device);

        /** The account is on disk, and the device is its primary. */
        void registered(Claim device);

        /** The device stays out. */
        void refused(ErrorCode code, String message, int retryAfterMillis);
    }

    /**
     * For one challenge.
     *
     * @param loop the handshake's
     * @param newAccount what a registration gets
     */
    Admission(Reception reception, Executor loop, byte[] challenge, AccountId newAccount) {
        this.reception = reception;
        this.loop = loop;
        this.challenge = challenge;
        this.newAccount = newAccount;
    }

    // Authenticating

    void authenticate(Authenticate request, Verdict verdict) {
        AccountId account = AccountId.of(request.getAccount());
        int device = request.getDevice();
        byte[] statement = Statement.authenticate(
                challenge, account, device, reception.terms().certificate());
        byte[] signature = request.getSignature().toByteArray();
        HomeRooms rooms = reception.homeOf(account);
        Claim claim = new Claim(rooms, account, device);
        rooms.home().run(() -> {
            boolean isTaken = rooms.deviceLists().find(account, found -> {
                Ed25519Key key = keyOf(found, device);
                boolean isMember = found != null && found.list().device(device) != null;
                LogOutReason reason = found == null ? null : found.outReason(device);
                onCrypto(verdict, () -> {
                    boolean isProven = key.verify(statement, signature) && key != NOBODY;
                    loop.execute(() -> decide(isProven, isMember, reason, claim, verdict));
                });
            });
            if (!isTaken) {
                loop.execute(() -> overloaded(verdict));
            }
        });
    }

    private static Ed25519Key keyOf(Account account, int device) {
        Ed25519Key key = account == null ? null : account.identityKey(device);
        return key == null ? NOBODY : key;
    }

    private static void decide(boolean isProven, boolean isMember, LogOutReason reason, Claim claim, Verdict verdict) {
        if (!isProven) {
            verdict.refused(ErrorCode.LOGIN_FAILED, "unknown account or device, or a wrong signature", 0);
        } else if (reason != null) {
            verdict.refused(reason.code(), reason.message(), 0);
        } else if (!isMember) {
            verdict.refused(ErrorCode.DEVICE_REMOVED, "this device was removed from its account", 0);
        } else {
            verdict.admitted(claim);
        }
    }

    // Registering

    void register(Register request, Verdict verdict) {
        byte[] statement =
                Statement.register(challenge, newAccount, 1, reception.terms().certificate());
        onCrypto(verdict, () -> {
            try {
                DeviceList list = DeviceList.parseFromDevice(request.getDeviceList());
                boolean isGood = list.account().equals(newAccount)
                        && list.isFrom(list.accountKey())
                        && list.primary()
                                .identityKey()
                                .verify(statement, request.getSignature().toByteArray());
                Handle handle = HandleRequests.handle(request.getHandle());
                boolean isProved = reception
                        .terms()
                        .registration()
                        .isProved(
                                handle,
                                list.accountKey(),
                                request.getHandleToken(),
                                reception.ways().clock().millis());
                loop.execute(() -> register(list, handle, isGood, isProved, verdict));
            } catch (ProtocolException broken) {
                loop.execute(() -> verdict.refused(broken.code(), broken.getMessage(), 0));
            }
        });
    }

    private void register(DeviceList list, Handle handle, boolean isGood, boolean isProved, Verdict verdict) {
        if (!isGood) {
            String message = "not this connection's new account, or a signature that does not verify";
            verdict.refused(ErrorCode.LOGIN_FAILED, message, 0);
            return;
        }
        if (!isProved) {
            verdict.refused(ErrorCode.HANDLE_NOT_PROVED, HandleRequests.NOT_PROVED, 0);
            return;
        }
        HomeRooms rooms = reception.homeOf(list.account());
        Claim claim = new Claim(rooms, list.account(), list.primary().number());
        rooms.home()
                .run(() -> rooms.registrations()
                        .register(list, handle, answer -> loop.execute(() -> decide(answer, claim, verdict))));
    }

    private static void decide(ListAnswer answer, Claim claim, Verdict verdict) {
        if (answer.isStored()) {
            verdict.registered(claim);
        } else {
            verdict.refused(answer.code(), answer.message(), answer.retryAfterMillis());
        }
    }

    private void onCrypto(Verdict verdict, Runnable check) {
        try {
            reception.ways().crypto().execute(check);
        } catch (RejectedExecutionException full) {
            loop.execute(() -> overloaded(verdict));
        }
    }

    private static void overloaded(Verdict verdict) {
        verdict.refused(ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
    }
}
