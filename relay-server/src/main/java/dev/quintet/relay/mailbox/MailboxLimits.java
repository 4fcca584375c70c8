package dev.quintet.relay.mailbox;

/**
 * What a mailbox may hold and hand out.
 *
 * @param envelopes most items that wait for one device: what expired counts until the device has acknowledged its gap
 * @param bytes most ciphertext that waits for one device, counted alike
 * @param windowEnvelopes most deliveries without acknowledgement
 * @param windowBytes most ciphertext delivered without acknowledgement; one larger envelope still goes alone
 * @param hotTierBytes memory for envelopes that were just accepted, over all home loops
 */
public record MailboxLimits(int envelopes, long bytes, int windowEnvelopes, int windowBytes, long hotTierBytes) {
    /** Checks that each limit is positive. */
    public MailboxLimits {
        requirePositive("envelopes", envelopes);
        requirePositive("bytes", bytes);
        requirePositive("windowEnvelopes", windowEnvelopes);
        requirePositive("windowBytes", windowBytes);
        requirePositive("hotTierBytes", hotTierBytes);
    }

    private static void requirePositive(String key, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
