package dev.quintet.relay.link;

/**
 * How long a link offer lives, and how much may pass through it.
 *
 * @param offers open at a time, of all new devices together
 * @param offersPerAddress that one address may open in a minute
 * @param firstReferenceSeconds how long an offer's first reference is good
 * @param nextReferenceSeconds and each one after it
 * @param offerSeconds from opening until the offer ends if nobody claims it
 * @param claimSeconds from the claim until the offer ends if it was not finished
 * @param handleOfferSeconds from opening an offer by handle until it ends, claimed or not
 * @param tries of the one-time code of one such offer
 * @param requestsPerHour that one account is asked by handle
 * @param messages that pass through one offer, or one try of it, both ways together
 * @param messageBytes their bytes
 */
public record LinkLimits(
        int offers,
        int offersPerAddress,
        int firstReferenceSeconds,
        int nextReferenceSeconds,
        int offerSeconds,
        int claimSeconds,
        int handleOfferSeconds,
        int tries,
        int requestsPerHour,
        int messages,
        int messageBytes) {
    /** Checks that each limit is positive and that the first reference does not outlive its offer. */
    public LinkLimits {
        requirePositive("offers", offers);
        requirePositive("offersPerAddress", offersPerAddress);
        requirePositive("firstReferenceSeconds", firstReferenceSeconds);
        requirePositive("nextReferenceSeconds", nextReferenceSeconds);
        requirePositive("offerSeconds", offerSeconds);
        requirePositive("claimSeconds", claimSeconds);
        requirePositive("handleOfferSeconds", handleOfferSeconds);
        requirePositive("tries", tries);
        requirePositive("requestsPerHour", requestsPerHour);
        requirePositive("messages", messages);
        requirePositive("messageBytes", messageBytes);
        if (firstReferenceSeconds > offerSeconds) {
            throw new IllegalArgumentException("firstReferenceSeconds must be at most offerSeconds");
        }
    }

    /** What an operator gets who sets nothing. */
    public static LinkLimits defaults() {
        return new LinkLimits(10_000, 30, 60, 20, 160, 120, 600, 3, 5, 8, 256 << 10);
    }

    private static void requirePositive(String key, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
