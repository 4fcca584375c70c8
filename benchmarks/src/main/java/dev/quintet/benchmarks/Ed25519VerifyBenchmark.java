package dev.quintet.benchmarks;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Statement;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which library verifies the signature of a login faster: BouncyCastle's lightweight code, which {@link Ed25519Key}
 * uses, or the JDK's provider?
 *
 * <p>BouncyCastle: 4 times as fast (3 to 9 times in four runs) with a seventh of the allocation.
 *
 * <p>Run: {@code java -jar benchmarks/target/benchmarks.jar Ed25519}. Last: 2026-11-22, JDK 17.0.15, two cores of a Xeon
 * at 2.8 GHz shared with other work, fastest of 100 iterations; {@code benchmarks/README.md} has the table.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Ed25519VerifyBenchmark {
    /** What stands before the 32 bytes of a key in its X.509 encoding (RFC 8410, section 4). */
    private static final byte[] KEY_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private byte[] statement;
    private byte[] signature;
    private byte[] keyBytes;
    private Ed25519Key key;
    private PublicKey jdkKey;

    /** Signs a login. */
    @Setup
    public void prepare() throws GeneralSecurityException {
        Ed25519Secret secret = Ed25519Secret.generate(new SecureRandom());
        byte[] challenge = new byte[Statement.CHALLENGE_BYTES];
        statement = Statement.authenticate(challenge, new AccountId(1, 2), 3, CertificateHash.UNBOUND);
        signature = secret.sign(statement);
        key = secret.publicKey();
        keyBytes = key.toBytes();
        byte[] encoded = HexFormat.of().parseHex(HexFormat.of().formatHex(KEY_PREFIX) + key);
        jdkKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    /** What the relay does at a login. */
    @Benchmark
    public boolean verifyByBouncyCastle() {
        return key.verify(statement, signature);
    }

    /** With the key decoded beforehand, which the relay could not do for all accounts. */
    @Benchmark
    public boolean verifyByTheJdk() throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(jdkKey);
        verifier.update(statement);
        return verifier.verify(signature);
    }

    /** What the relay does with each key in a new device list: is it a point of the prime-order group? */
    @Benchmark
    public Ed25519Key validateKey() {
        return Ed25519Key.of(keyBytes);
    }
}
