package dev.quintet.client;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.BigIntegers;

/**
 * The curve P-256 (FIPS 186-5, secp256r1) and how its points and scalars are written: points uncompressed (SEC 1, section
 * 2.3.3: {@code 04 | x 32 | y 32}), scalars as 32 bytes, all big endian.
 *
 * <p><b>Thread:</b> any. <b>Failure:</b> what is no point or no scalar is a {@link LinkFailedException}.
 */
final class P256 {
    static final int POINT_BYTES = 65;
    static final int SCALAR_BYTES = 32;

    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256r1");
    private static final byte UNCOMPRESSED = 4;

    /** The order of the group. */
    static final BigInteger ORDER = CURVE.getN();

    /** The generator. */
    static final ECPoint GENERATOR = CURVE.getG();

    private P256() {}

    /** 1 to the order less 1: as many random bytes as it takes, 32 at a time. */
    static BigInteger randomScalar(SecureRandom random) {
        while (true) {
            byte[] bytes = new byte[SCALAR_BYTES];
            random.nextBytes(bytes);
            BigInteger scalar = new BigInteger(1, bytes);
            if (scalar.signum() > 0 && scalar.compareTo(ORDER) < 0) {
                return scalar;
            }
        }
    }

    /** A point times a secret scalar, in a time that does not depend on it. */
    static ECPoint multiply(ECPoint point, BigInteger secret) {
        return ECAlgorithms.multiplySecret(point, secret.mod(ORDER), ORDER).normalize();
    }

    static byte[] encode(ECPoint point) {
        return point.normalize().getEncoded(false);
    }

    static byte[] encode(BigInteger scalar) {
        return BigIntegers.asUnsignedByteArray(SCALAR_BYTES, scalar);
    }

    /** The next point, which lies on the curve and is not the neutral one. */
    static ECPoint nextPoint(ByteBuffer bytes) {
        byte[] encoded = next(bytes, POINT_BYTES);
        try {
            if (encoded[0] == UNCOMPRESSED) {
                return CURVE.getCurve().decodePoint(encoded).normalize();
            }
        } catch (IllegalArgumentException none) {
            // Said below.
        }
        throw LinkMessages.notUnderstood("a point that is none");
    }

    /** The next scalar, below the order. */
    static BigInteger nextScalar(ByteBuffer bytes) {
        BigInteger scalar = new BigInteger(1, next(bytes, SCALAR_BYTES));
        if (scalar.compareTo(ORDER) >= 0) {
            throw LinkMessages.notUnderstood("a number that is too large");
        }
        return scalar;
    }

    static byte[] next(ByteBuffer bytes, int size) {
        if (bytes.remaining() < size) {
            throw LinkMessages.notUnderstood("a message that is cut off");
        }
        byte[] next = new byte[size];
        bytes.get(next);
        return next;
    }
}
