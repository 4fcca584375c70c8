package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.protocol.AccountId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    private final DeviceKeys primary = DeviceKeys.primary(new AccountId(1, 2), new SecureRandom());

    @TempDir
    private Path folder;

    private Path path;
    private KeyFile file;

    @BeforeEach
    void choosePath() {
        path = folder.resolve("alice.keys");
        file = new KeyFile(path);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        file.create(primary);

        DeviceKeys read = file.read();
        assertThat(read.address()).isEqualTo(primary.address());
        assertThat(read.registrationId()).isEqualTo(primary.registrationId());
        assertThat(read.identity().publicKey()).isEqualTo(primary.identity().publicKey());
        assertThat(read.accountSecret().orElseThrow().publicKey())
                .isEqualTo(primary.accountSecret().orElseThrow().publicKey());
    }

    @Test
    void keepsNoAccountSecretOfACompanion() throws IOException {
        file.create(DeviceKeys.companion(primary.account(), 3, new SecureRandom()));

        assertThat(file.read().isPrimary()).isFalse();
        assertThat(Files.readString(path)).doesNotContain("account-seed");
    }

    @Test
    void letsOnlyTheOwnerReadAndLeavesNothingElseBehind() throws IOException {
        file.create(primary);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void writesDownThatADeviceHasAnotherPlaceAndNoOtherDevice() throws IOException {
        DeviceKeys before = DeviceKeys.companion(primary.account(), 3, new SecureRandom());
        file.create(before);
        DeviceKeys after =
                new DeviceKeys(before.account(), 4, before.registrationId(), before.identity(), before.accountSecret());
        file.move(after);

        assertThat(file.read().device()).isEqualTo(4);
        assertThat(folder.toFile().list()).hasSize(1);
        DeviceKeys other = DeviceKeys.companion(primary.account(), 5, new SecureRandom());
        assertThatThrownBy(() -> file.move(other)).isInstanceOf(IOException.class);
        assertThat(file.read().device()).isEqualTo(4);
    }

    @Test
    void neverOverwritesKeys() throws IOException {
        file.create(primary);
        String before = Files.readString(path);

        assertThatThrownBy(() -> file.create(primary)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.readString(path)).isEqualTo(before);
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void refusesAFileThatOthersMayRead() throws IOException {
        file.create(primary);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("chmod 600");
    }

    @Test
    void refusesEachDamageWithoutShowingASecret() throws IOException {
        file.create(primary);
        String good = Files.readString(path);
        String seed = HexFormat.of().formatHex(primary.identity().toSeed());

        for (String damaged : new String[] {
            "",
            good.replace("format=1", "format=2"),
            good.replace("device=1", "device=0"),
            good.replace("device=1", "device=one"),
            good.replace("identity-seed=", "identity="),
            good.replace(seed, seed.substring(2)),
            good + "device=1\n",
            good + "no equals sign\n"
        }) {
            Files.writeString(path, damaged);
            assertThatThrownBy(file::read)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("alice.keys")
                    .message()
                    .doesNotContain(seed.substring(2));
        }
    }

    @Test
    void doesNotShowSecretsInWords() {
        assertThat(primary.toString())
                .doesNotContain(HexFormat.of().formatHex(primary.identity().toSeed()))
                .isEqualTo(primary.address() + " (primary)");
    }
}
