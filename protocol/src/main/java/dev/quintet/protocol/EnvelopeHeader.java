package dev.quintet.protocol;

/**
 * What every device that gets an envelope of one submission is told beside the ciphertext.
 *
 * @param fromAccount who submitted it
 * @param fromDevice that account's device
 * @param id as the sender chose it
 * @param acceptedAtMillis UTC, by the relay's clock
 * @param envelopeClass the number of an {@code EnvelopeClass}, known or not
 * @param isUrgent a hint for wake-ups
 */
public record EnvelopeHeader(
        AccountId fromAccount,
        int fromDevice,
        EnvelopeId id,
        long acceptedAtMillis,
        int envelopeClass,
        boolean isUrgent) {}
