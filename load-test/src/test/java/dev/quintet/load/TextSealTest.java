package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.AccountId;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class TextSealTest {
    private static final String TEXT = "über den Fluß";

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys alice = DeviceKeys.companion(new AccountId(1, 1), 2, random);
    private final DeviceKeys bob = DeviceKeys.companion(new AccountId(2, 2), 3, random);
    private final DeviceKeys mallory = DeviceKeys.companion(new AccountId(2, 2), 4, random);
    private final ByteString sealed =
            TextSeal.seal(alice, bob.address(), bob.identity().publicKey(), TEXT);

    @Test
    void opensForTheDeviceItWasSealedFor() {
        assertThat(TextSeal.open(alice.address(), alice.identity().publicKey(), bob, sealed))
                .contains(TEXT);
    }

    @Test
    void showsNothingOfTheText() {
        assertThat(sealed.toStringUtf8()).doesNotContain("Fluß");
    }

    @Test
    void staysShutForAnotherDeviceAnotherSenderAndEachAlteredByte() {
        assertThat(TextSeal.open(alice.address(), alice.identity().publicKey(), mallory, sealed))
                .isEmpty();
        assertThat(TextSeal.open(alice.address(), mallory.identity().publicKey(), bob, sealed))
                .isEmpty();
        assertThat(TextSeal.open(mallory.address(), alice.identity().publicKey(), bob, sealed))
                .isEmpty();
        for (int index = 0; index < sealed.size(); index++) {
            byte[] altered = sealed.toByteArray();
            altered[index] ^= 1;
            assertThat(TextSeal.open(alice.address(), alice.identity().publicKey(), bob, ByteString.copyFrom(altered)))
                    .as("byte %s", index)
                    .isEmpty();
        }
    }

    @Test
    void staysShutForNonsense() {
        assertThat(TextSeal.open(alice.address(), alice.identity().publicKey(), bob, ByteString.EMPTY))
                .isEmpty();
        assertThat(TextSeal.open(alice.address(), alice.identity().publicKey(), bob, ByteString.copyFrom(new byte[40])))
                .isEmpty();
    }
}
