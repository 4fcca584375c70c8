package dev.quintet.client;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/**
 * Proves that one knows x of a point X = g x, without telling it (RFC 8235).
 *
 * <pre>
 *   V  g v, for a random v                                   65
 *   r  v - x h modulo the order                              32
 *
 *   h  SHA-256("quintet schnorr 1" | g 65 | V 65 | X 65 | prover 33), as an unsigned number
 * </pre>
 *
 * @param commitment V
 * @param response r
 */
record SchnorrProof(ECPoint commitment, BigInteger response) {
    static final int BYTES = P256.POINT_BYTES + P256.SCALAR_BYTES;

    private static final byte[] PURPOSE = "quintet schnorr 1".getBytes(StandardCharsets.US_ASCII);

    /** Proves the secret of {@code point}; {@code random} is v, and used once. */
    static SchnorrProof of(ECPoint generator, BigInteger secret, ECPoint point, byte[] prover, BigInteger random) {
        ECPoint commitment = P256.multiply(generator, random);
        BigInteger challenge = challenge(generator, commitment, point, prover);
        return new SchnorrProof(
                commitment, random.subtract(secret.multiply(challenge)).mod(P256.ORDER));
    }

    /** Whether {@code prover} knows the secret of {@code point}. */
    boolean proves(ECPoint generator, ECPoint point, byte[] prover) {
        BigInteger challenge = challenge(generator, commitment, point, prover).mod(P256.ORDER);
        return ECAlgorithms.sumOfTwoMultiplies(generator, response, point, challenge)
                .equals(commitment);
    }

    private static BigInteger challenge(ECPoint generator, ECPoint commitment, ECPoint point, byte[] prover) {
        try {
            byte[] proved = LinkCipher.join(
                    PURPOSE, P256.encode(generator), P256.encode(commitment), P256.encode(point), prover);
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(proved));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static SchnorrProof next(ByteBuffer bytes) {
        return new SchnorrProof(P256.nextPoint(bytes), P256.nextScalar(bytes));
    }

    byte[] toBytes() {
        return LinkCipher.join(P256.encode(commitment), P256.encode(response));
    }
}
