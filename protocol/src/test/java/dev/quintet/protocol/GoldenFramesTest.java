package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code golden-frames.txt} to the code, line by line. */
class GoldenFramesTest {
    private static final Path FILE = Path.of("src/main/proto/quintet/golden-frames.txt");
    private static final Set<String> BLOCK_STARTS = Set.of("frame", "statement", "link");
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @MethodSource("frames")
    void writesWhatTheFrameMeans(Map<String, String> block) throws IOException {
        ByteBuf written = FrameEncoder.encode(UnpooledByteBufAllocator.DEFAULT::buffer, meaning(block));
        assertThat(ByteBufUtil.hexDump(written)).isEqualTo(block.get("hex"));
        written.release();
    }

    @ParameterizedTest
    @MethodSource("frames")
    void readsWhatTheFrameMeans(Map<String, String> block) throws IOException {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(1 << 20), new KeptFrames());
        channel.writeInbound(Unpooled.wrappedBuffer(HEX.parseHex(block.get("hex"))));
        ByteBuf frame = channel.readInbound();
        boolean isDevices = isDevices(block);
        int body = (isDevices ? FrameChecker.CLIENT : FrameChecker.SERVER).check(frame);
        assertThat(root(isDevices).findFieldByNumber(body).getName()).isEqualTo(block.get("frame"));
        assertThat(isDevices ? FrameReader.clientFrame(frame) : FrameReader.serverFrame(frame))
                .isEqualTo(meaning(block));
        frame.release();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @MethodSource("statements")
    void signsWhatTheStatementSays(Map<String, String> block) throws IOException {
        Ed25519Secret secret = Ed25519Secret.of(bytes(block, "seed"));
        byte[] signed = signed(block);
        assertThat(secret.publicKey()).hasToString(block.get("key"));
        assertThat(HEX.formatHex(signed)).isEqualTo(block.get("signed"));
        assertThat(HEX.formatHex(secret.sign(signed))).isEqualTo(block.get("signature"));
    }

    @Test
    void hasEveryFrame() throws IOException {
        assertThat(names(true)).isEqualTo(bodies(true));
        assertThat(names(false)).isEqualTo(bodies(false));
    }

    @Test
    void logsInWithTheSignaturesThatStandAboveTheFrames() throws IOException {
        String file = Files.readString(FILE);
        for (Map<String, String> block : blocks("frame")) {
            Message meaning = meaning(block);
            if (meaning instanceof ClientFrame frame && frame.hasAuthenticate()) {
                assertThat(file)
                        .contains("signature: "
                                + hex(frame.getAuthenticate().getSignature().toByteArray()));
            } else if (meaning instanceof ClientFrame frame && frame.hasRegister()) {
                assertThat(file)
                        .contains("signature: "
                                + hex(frame.getRegister().getSignature().toByteArray()));
                assertValid(frame.getRegister().getDeviceList());
            } else if (meaning instanceof ServerFrame frame && frame.hasDeviceList()) {
                assertValid(frame.getDeviceList().getDeviceList());
            }
        }
    }

    /** The list whose three signatures stand above the frames. */
    @Test
    void handsTheAccountOver() throws IOException {
        String file = Files.readString(FILE);
        int found = 0;
        for (Map<String, String> block : blocks("frame")) {
            if (meaning(block) instanceof ServerFrame frame && frame.hasDeviceListChanged()) {
                SignedDeviceList signed = frame.getDeviceListChanged().getDeviceList();
                assertValid(signed);
                if (!signed.getCountersignature().isEmpty()) {
                    assertThat(file)
                            .contains("signature: " + hex(signed.getSignature().toByteArray()))
                            .contains("signature: "
                                    + hex(signed.getCountersignature().toByteArray()));
                    Ed25519Key first = Ed25519Key.of(
                            HEX.parseHex("b533d8ad9fcfbdde0b481c1b334ddc3c53412fd614564e7e5afd020368d382c3"));
                    assertThat(DeviceList.parse(signed).isFrom(first)).isTrue();
                    found++;
                }
            }
        }
        assertThat(found).isEqualTo(1);
    }

    @Test
    void handsOutTheKeysWhoseSignaturesStandAboveTheFrames() throws IOException {
        String file = Files.readString(FILE);
        int found = 0;
        for (Map<String, String> block : blocks("frame")) {
            if (meaning(block) instanceof ServerFrame frame && frame.hasKeyBundles()) {
                for (KeyBundle bundle : frame.getKeyBundles().getBundlesList()) {
                    assertThat(file)
                            .contains("signature: "
                                    + hex(bundle.getSignedPrekey()
                                            .getSignature()
                                            .toByteArray()))
                            .contains("signature: "
                                    + hex(bundle.getLastResort().getSignature().toByteArray()));
                    found++;
                }
                assertValid(frame.getKeyBundles().getDeviceList());
            }
        }
        assertThat(found).isPositive();
    }

    private static void assertValid(SignedDeviceList signed) {
        DeviceList list = DeviceList.parse(signed);
        assertThat(list.isFrom(list.accountKey())).isTrue();
    }

    static Stream<Map<String, String>> frames() throws IOException {
        return blocks("frame").stream();
    }

    static Stream<Map<String, String>> statements() throws IOException {
        return blocks("statement").stream();
    }

    private static byte[] signed(Map<String, String> block) throws IOException {
        String statement = block.get("statement");
        if (statement.equals("device list")) {
            DeviceListContent content = TextFormat.parse(block.get("means"), DeviceListContent.class);
            assertThat(hex(content.toByteArray())).isEqualTo(block.get("content"));
            return Statement.deviceList(bytes(block, "content"));
        }
        if (statement.equals("handover list")) {
            return Statement.handoverList(bytes(block, "content"));
        }
        if (statement.equals("handle")) {
            return Statement.handle(
                    Ed25519Key.of(bytes(block, "account_key")),
                    Long.parseLong(block.get("expires_at_millis")),
                    Handle.of(block.get("handle")));
        }
        AccountId account = AccountId.parse(block.get("account"));
        if (statement.equals("handover")) {
            long version = Long.parseLong(block.get("version"));
            return Statement.handover(account, version, Ed25519Key.of(bytes(block, "account_key")));
        }
        int device = Integer.parseInt(block.get("device"));
        if (block.containsKey("prekey")) {
            int id = Integer.parseInt(block.get("id"));
            return statement.equals("signed prekey")
                    ? Statement.signedPrekey(account, device, id, bytes(block, "prekey"))
                    : Statement.lastResortKey(account, device, id, bytes(block, "prekey"));
        }
        byte[] challenge = bytes(block, "challenge");
        CertificateHash certificate = CertificateHash.parse(block.get("certificate_hash"));
        return statement.equals("register")
                ? Statement.register(challenge, account, device, certificate)
                : Statement.authenticate(challenge, account, device, certificate);
    }

    private static Message meaning(Map<String, String> block) throws IOException {
        Message.Builder message = isDevices(block) ? ClientFrame.newBuilder() : ServerFrame.newBuilder();
        TextFormat.merge(block.get("means"), message);
        return message.build();
    }

    private static boolean isDevices(Map<String, String> block) {
        return block.get("from").equals("device");
    }

    private static Descriptor root(boolean isDevices) {
        return isDevices ? ClientFrame.getDescriptor() : ServerFrame.getDescriptor();
    }

    private static Set<String> bodies(boolean isDevices) {
        return root(isDevices).getOneofs().get(0).getFields().stream()
                .map(FieldDescriptor::getName)
                .collect(Collectors.toSet());
    }

    private static Set<String> names(boolean isDevices) throws IOException {
        return blocks("frame").stream()
                .filter(block -> isDevices(block) == isDevices)
                .map(block -> block.get("frame"))
                .collect(Collectors.toSet());
    }

    /** The blocks that start with {@code kind}: values by key, those of a repeated key joined by line ends. */
    private static List<Map<String, String>> blocks(String kind) throws IOException {
        List<Map<String, String>> blocks = new ArrayList<>();
        for (String line : Files.readAllLines(FILE)) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] keyAndValue = line.split(": ", 2);
            if (BLOCK_STARTS.contains(keyAndValue[0])) {
                blocks.add(new HashMap<>());
            }
            blocks.get(blocks.size() - 1).merge(keyAndValue[0], keyAndValue[1], (before, next) -> before + "\n" + next);
        }
        blocks.removeIf(block -> !block.containsKey(kind));
        return blocks;
    }

    private static byte[] bytes(Map<String, String> block, String key) {
        return HEX.parseHex(block.get(key));
    }

    private static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }
}
