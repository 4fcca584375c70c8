package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.SubmitAnswer;

/**
 * The connection that a submission came from.
 *
 * <p><b>Thread:</b> any, all methods; answers may come after the connection has gone.
 */
public interface Sender {
    /** The account that is logged in. */
    AccountId account();

    /** Its device. */
    int device();

    /** Whether the device belongs to its account; no longer once its removal is in the journal. */
    boolean isMember();

    /** The answer to a submission with one recipient whose every device has its envelope. */
    void accepted(long requestId, AccountId recipient, long acceptedAtMillis);

    /** The answer to any other submission. */
    void answered(long requestId, SubmitAnswer answer);
}
