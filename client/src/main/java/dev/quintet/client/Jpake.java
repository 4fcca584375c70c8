package dev.quintet.client;

import dev.quintet.client.LinkFailedException.Kind;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.bouncycastle.math.ec.ECPoint;

/**
 * One side of a password-authenticated key exchange by juggling (EC J-PAKE, RFC 8236, on P-256): both come to the same key
 * if they know the same code, and whoever does not know it learns from one run only whether one guess was right.
 *
 * <pre>
 *   round 1   G1 = G x1 65 | G2 = G x2 65 | proof of x1 97 | proof of x2 97       each to the other
 *   round 2   A = (G1 + G3 + G4) (x2 s) 65 | proof of x2 s 97                     G3, G4: the other's G1, G2
 *   key       K = (B - G4 (x2 s)) x2; its x coordinate                            B: the other's A
 * </pre>
 *
 * <p>s is the code as a number. A prover is one byte for its side and 32 that bind both sides to what is linked. Written
 * by us because BouncyCastle's own participant cannot read what another process has sent: only it can make its proofs.
 *
 * <p><b>Thread:</b> one. <b>Failure:</b> {@link LinkFailedException}: {@code NOT_UNDERSTOOD}.
 */
final class Jpake {
    static final int ROUND_1_BYTES = 2 * P256.POINT_BYTES + 2 * SchnorrProof.BYTES;
    static final int ROUND_2_BYTES = P256.POINT_BYTES + SchnorrProof.BYTES;

    private final byte[] prover;
    private final byte[] otherProver;
    private final SecureRandom random;
    private final BigInteger secret1;
    private final BigInteger secret2;
    private final BigInteger secret2WithCode;
    private final ECPoint point1;
    private final ECPoint point2;
    private ECPoint other1;
    private ECPoint other2;

    /** Which of the two it is. */
    enum Side {
        NEW_DEVICE(1),
        PRIMARY(2);

        private final byte number;

        Side(int number) {
            this.number = (byte) number;
        }

        private byte[] prover(byte[] binding) {
            return LinkCipher.join(new byte[] {number}, binding);
        }

        private Side other() {
            return this == PRIMARY ? NEW_DEVICE : PRIMARY;
        }
    }

    /** Draws x1 and x2; {@code binding} is 32 bytes that both sides have to agree on. */
    Jpake(Side side, byte[] binding, LinkCode code, SecureRandom random) {
        prover = side.prover(binding);
        otherProver = side.other().prover(binding);
        this.random = random;
        secret1 = P256.randomScalar(random);
        secret2 = P256.randomScalar(random);
        secret2WithCode = secret2.multiply(code.toScalar()).mod(P256.ORDER);
        point1 = P256.multiply(P256.GENERATOR, secret1);
        point2 = P256.multiply(P256.GENERATOR, secret2);
    }

    byte[] round1() {
        return LinkCipher.join(
                P256.encode(point1),
                P256.encode(point2),
                prove(P256.GENERATOR, secret1, point1),
                prove(P256.GENERATOR, secret2, point2));
    }

    void readRound1(ByteBuffer round) {
        other1 = P256.nextPoint(round);
        other2 = P256.nextPoint(round);
        check(P256.GENERATOR, other1, SchnorrProof.next(round));
        check(P256.GENERATOR, other2, SchnorrProof.next(round));
    }

    byte[] round2() {
        ECPoint generator = sum(point1, other1, other2);
        ECPoint point = P256.multiply(generator, secret2WithCode);
        return LinkCipher.join(P256.encode(point), prove(generator, secret2WithCode, point));
    }

    /** Reads the other's round 2; answers the 32 bytes that both have in common if the code was the same. */
    byte[] readRound2(ByteBuffer round) {
        ECPoint point = P256.nextPoint(round);
        check(sum(other1, point1, point2), point, SchnorrProof.next(round));
        ECPoint key = P256.multiply(point.subtract(P256.multiply(other2, secret2WithCode)), secret2);
        if (key.isInfinity()) {
            throw LinkMessages.notUnderstood("it leads to no key");
        }
        return key.getAffineXCoord().getEncoded();
    }

    private static ECPoint sum(ECPoint one, ECPoint two, ECPoint three) {
        ECPoint sum = one.add(two).add(three).normalize();
        if (sum.isInfinity()) {
            throw LinkMessages.notUnderstood("it leads to no key");
        }
        return sum;
    }

    private byte[] prove(ECPoint generator, BigInteger secret, ECPoint point) {
        return SchnorrProof.of(generator, secret, point, prover, P256.randomScalar(random))
                .toBytes();
    }

    private void check(ECPoint generator, ECPoint point, SchnorrProof proof) {
        if (!proof.proves(generator, point, otherProver)) {
            throw new LinkFailedException(Kind.NOT_UNDERSTOOD, "the other side proves nothing");
        }
    }
}
