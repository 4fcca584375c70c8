package dev.quintet.relay.fanout;

import dev.quintet.protocol.Submission;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Tells one content of a submission from another, so that an envelope id which is used twice for different things is
 * noticed. Guards a sender against its own mistake, not against an attacker: a CRC32C and the total length are enough.
 *
 * <p><b>Thread:</b> one home loop.
 */
final class ContentDigest {
    private static final int HEAD_BYTES = 12;
    private static final int ENVELOPE_BYTES = 12;

    private final CRC32C crc = new CRC32C();
    private final ByteBuffer numbers = ByteBuffer.allocate(HEAD_BYTES);

    /**
     * The digest of what {@code submission} says to {@code recipient}.
     *
     * @param bytes the submission's, see {@link Submission#view}
     */
    long of(Submission submission, int recipient, ByteBuffer bytes) {
        crc.reset();
        int flags = (submission.isUrgent() ? 1 : 0) | (submission.isEphemeral() ? 2 : 0);
        addNumbers(submission.envelopeClass(), flags, (int) submission.timeToLiveSeconds());
        int length = submission.sharedLength();
        addBytes(bytes, submission.sharedOffset(), submission.sharedLength());
        for (int envelope = submission.firstEnvelope(recipient);
                envelope < submission.endEnvelope(recipient);
                envelope++) {
            int ciphertext = submission.ciphertextLength(envelope);
            addNumbers(submission.device(envelope), submission.registrationId(envelope), ciphertext);
            addBytes(bytes, submission.ciphertextOffset(envelope), ciphertext);
            length += ENVELOPE_BYTES + ciphertext;
        }
        return crc.getValue() << Integer.SIZE | length;
    }

    private void addNumbers(int first, int second, int third) {
        numbers.clear();
        numbers.putInt(first).putInt(second).putInt(third).flip();
        crc.update(numbers);
    }

    private void addBytes(ByteBuffer bytes, int offset, int length) {
        if (length > 0) {
            crc.update(bytes.limit(offset + length).position(offset));
        }
    }
}
