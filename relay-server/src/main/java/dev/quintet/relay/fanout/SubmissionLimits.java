package dev.quintet.relay.fanout;

/**
 * What a submission may be.
 *
 * @param recipients most accounts in one submission, at most 1,024
 * @param ciphertextBytes largest ciphertext
 * @param timeToLiveSeconds how long an envelope waits at most, and if the sender does not say
 * @param correspondents devices of other accounts that hear of an account's new list, because they have written to it
 * @param correspondentForSeconds how long after they have
 * @param ephemeralMillis how old an ephemeral envelope may be when it is delivered
 * @param callMillis and one of class CALL
 */
public record SubmissionLimits(
        int recipients,
        int ciphertextBytes,
        long timeToLiveSeconds,
        int correspondents,
        long correspondentForSeconds,
        long ephemeralMillis,
        long callMillis) {
    private static final int MAX_RECIPIENTS = 1024;
    private static final int MAX_CIPHERTEXT_BYTES = 256 << 10;

    /** Checks that each limit is in its range. */
    public SubmissionLimits {
        if (recipients <= 0 || recipients > MAX_RECIPIENTS) {
            throw new IllegalArgumentException("recipients must be 1 to " + MAX_RECIPIENTS + ", not " + recipients);
        }
        if (ciphertextBytes <= 0 || ciphertextBytes > MAX_CIPHERTEXT_BYTES) {
            throw new IllegalArgumentException(
                    "ciphertextBytes must be 1 to " + MAX_CIPHERTEXT_BYTES + ", not " + ciphertextBytes);
        }
        requirePositive("timeToLiveSeconds", timeToLiveSeconds);
        requirePositive("correspondents", correspondents);
        requirePositive("correspondentForSeconds", correspondentForSeconds);
        requirePositive("ephemeralMillis", ephemeralMillis);
        requirePositive("callMillis", callMillis);
    }

    private static void requirePositive(String component, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(component + " must be above zero, not " + value);
        }
    }
}
