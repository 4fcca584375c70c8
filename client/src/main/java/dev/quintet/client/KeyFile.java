package dev.quintet.client;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A device's keys in a file that only its owner may read.
 *
 * <p>Text in UTF-8, one {@code name=value} a line, {@code #} starts a comment:
 *
 * <pre>
 *   format=1
 *   account=32 hexadecimal digits
 *   device=decimal number
 *   registration-id=decimal number
 *   identity-seed=64 hexadecimal digits
 *   account-seed=64 hexadecimal digits, only in the primary's file
 * </pre>
 *
 * <p><b>Failure:</b> a file that is not like this, or that others may read, is an {@link IOException} whose message names
 * the file and the fault, never a value.
 */
public final class KeyFile {
    private static final String FORMAT = "1";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path path;

    /** @param path where it is, or will be */
    public KeyFile(Path path) {
        this.path = path;
    }

    /** Whether there is a file. */
    public boolean exists() {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Reads the keys. */
    public DeviceKeys read() throws IOException {
        refuseOpenPermissions();
        Map<String, String> values = values(Files.readString(path));
        if (!FORMAT.equals(values.get("format"))) {
            throw new IOException(path + " is no key file of format " + FORMAT);
        }
        try {
            return new DeviceKeys(
                    AccountId.parse(value(values, "account")),
                    Integer.parseInt(value(values, "device")),
                    Integer.parseInt(value(values, "registration-id")),
                    secret(value(values, "identity-seed")),
                    Optional.ofNullable(values.get("account-seed")).map(KeyFile::secret));
        } catch (IllegalArgumentException exception) {
            throw new IOException(path + " is damaged: a value is not what it should be");
        }
    }

    /** Writes the keys into a new file, whole or not at all; {@link FileAlreadyExistsException} if there is one. */
    public void create(DeviceKeys keys) throws IOException {
        if (exists()) {
            throw new FileAlreadyExistsException(path + " exists; keys are never overwritten");
        }
        write(keys, written -> Files.createLink(path, written));
    }

    /** Writes down that the device in the file has another place; fails if the file has another device's identity. */
    public void move(DeviceKeys keys) throws IOException {
        if (!read().identity().publicKey().equals(keys.identity().publicKey())) {
            throw new IOException(path + " has another device's keys; keys are never overwritten");
        }
        write(keys, written -> Files.move(written, path, StandardCopyOption.ATOMIC_MOVE));
    }

    private interface Step {
        void take(Path written) throws IOException;
    }

    private void write(DeviceKeys keys, Step last) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        Path written = Files.createTempFile(
                folder, path.getFileName() + ".", ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            writeDurably(written, text(keys));
            last.take(written);
        } finally {
            Files.deleteIfExists(written);
        }
        forceFolder(folder);
    }

    private void refuseOpenPermissions() throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (!OWNER_ONLY.containsAll(permissions)) {
            throw new IOException(path + " may be read by others; run: chmod 600 " + path);
        }
    }

    private Map<String, String> values(String text) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            int equals = line.indexOf('=');
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (equals < 1 || values.put(line.substring(0, equals), line.substring(equals + 1)) != null) {
                throw new IOException(path + " is damaged: a line is not name=value, or a name stands twice");
            }
        }
        return values;
    }

    private String value(Map<String, String> values, String name) throws IOException {
        String value = values.get(name);
        if (value == null) {
            throw new IOException(path + " is damaged: it has no " + name);
        }
        return value;
    }

    private static Ed25519Secret secret(String hex) {
        return Ed25519Secret.of(HexFormat.of().parseHex(hex));
    }

    private static String text(DeviceKeys keys) {
        StringBuilder text = new StringBuilder("# Quintet device keys. Whoever has this file is this device.\n");
        text.append("format=").append(FORMAT).append('\n');
        text.append("account=").append(keys.account()).append('\n');
        text.append("device=").append(keys.device()).append('\n');
        text.append("registration-id=").append(keys.registrationId()).append('\n');
        text.append("identity-seed=").append(hex(keys.identity())).append('\n');
        keys.accountSecret()
                .ifPresent(secret ->
                        text.append("account-seed=").append(hex(secret)).append('\n'));
        return text.toString();
    }

    private static String hex(Ed25519Secret secret) {
        return HexFormat.of().formatHex(secret.toSeed());
    }

    private static void writeDurably(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
