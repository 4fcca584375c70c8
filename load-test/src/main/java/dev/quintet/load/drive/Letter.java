package dev.quintet.load.drive;

import dev.quintet.protocol.wire.EnvelopeClass;

/**
 * What is sent: size and kind.
 *
 * @param bytes of a ciphertext, at least {@link Payload#SMALLEST}
 * @param envelopeClass the number of an {@code EnvelopeClass}
 * @param isEphemeral whether it is only for devices that are connected
 * @param isShared whether there is one ciphertext for all devices, as in groups
 */
public record Letter(int bytes, int envelopeClass, boolean isEphemeral, boolean isShared) {
    /** A message of this size, with a ciphertext for each device. */
    public static Letter message(int bytes) {
        return kept(bytes, EnvelopeClass.MESSAGE_VALUE);
    }

    /** A message of this size with one ciphertext for all devices. */
    public static Letter shared(int bytes) {
        return new Letter(bytes, EnvelopeClass.MESSAGE_VALUE, false, true);
    }

    /** The server keeps it until it is acknowledged. */
    static Letter kept(int bytes, int envelopeClass) {
        return new Letter(bytes, envelopeClass, false, false);
    }

    /** Nothing is lost if it is. */
    static Letter ephemeral(int bytes, int envelopeClass) {
        return new Letter(bytes, envelopeClass, true, false);
    }
}
