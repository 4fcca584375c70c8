package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;

/**
 * Envelopes of one mailbox that wait in the image although their time is over.
 *
 * @param account whose mailbox
 * @param device which of its mailboxes
 * @param sequences the envelopes, rising
 * @param end sequence behind the newest item that was looked at
 * @param nextExpiryMillis nothing else that was looked at expires before, in milliseconds since 1970
 * @param done to be run, on any thread, when this is dealt with or given up
 */
public record Overdue(
        AccountId account, int device, long[] sequences, long end, long nextExpiryMillis, Runnable done) {}
