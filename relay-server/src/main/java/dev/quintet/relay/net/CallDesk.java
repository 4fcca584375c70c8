package dev.quintet.relay.net;

import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.fanout.Calls;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;

/**
 * Where a device that is logged in claims calls.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
final class CallDesk {
    private final Calls calls;
    private final FrameWriter writer;
    private final int device;

    CallDesk(Calls calls, FrameWriter writer, int device) {
        this.calls = calls;
        this.writer = writer;
        this.device = device;
    }

    /** The device, whose connection is {@code claimer}, claims a call. */
    void claim(long requestId, CallClaim claim, Resident account, Subscriber claimer) {
        CallClaimed claimed = calls.claim(account, device, claimer, claim);
        if (claimed == null) {
            writer.sendError(requestId, ErrorCode.CALL_GONE, "no such call rings here, or no longer", 0);
        } else {
            writer.send(ServerFrame.newBuilder().setRequestId(requestId).setCallClaimed(claimed));
        }
    }
}
