package dev.quintet.relay.mailbox;

/**
 * What a mailbox may hold and hand out.
 *
 * @param envelopes most envelopes that wait for one device
 * @param bytes most ciphertext that waits for one device
 * @param windowEnvelopes most deliveries without acknowledgement
 * @param windowBytes most ciphertext delivered without acknowledgement; one larger envelope still goes alone
 * @param hotTierBytes memory for envelopes that were just accepted, over all home loops
 */
public record MailboxLimits(int envelopes, long bytes, int windowEnvelopes, int windowBytes, long hotTierBytes) {
    /** Checks that each limit is positive. */
    public MailboxLimits {
        if (envelopes <= 0 || bytes <= 0 || windowEnvelopes <= 0 || windowBytes <= 0 || hotTierBytes <= 0) {
            throw new IllegalArgumentException("a mailbox limit must be above zero");
        }
    }
}
