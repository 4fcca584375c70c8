package dev.quintet.load.drive;

import dev.quintet.protocol.wire.EnvelopeClass;

/**
 * What is sent: size and kind.
 *
 * @param bytes of each device's ciphertext, at least {@link Payload#SMALLEST}
 * @param envelopeClass the number of an {@code EnvelopeClass}
 * @param isEphemeral whether it is only for devices that are connected
 */
public record Letter(int bytes, int envelopeClass, boolean isEphemeral) {
    /** A message of this size. */
    public static Letter message(int bytes) {
        return new Letter(bytes, EnvelopeClass.MESSAGE_VALUE, false);
    }
}
