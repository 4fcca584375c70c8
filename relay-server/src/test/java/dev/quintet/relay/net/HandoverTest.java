package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.FORBIDDEN;
import static dev.quintet.protocol.wire.ErrorCode.INVALID_DEVICE_LIST;
import static dev.quintet.protocol.wire.ErrorCode.MALFORMED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.server.RunningRelay;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A primary hands its account over to companion 2, over sockets; what is not signed by both changes nothing. */
@Timeout(60)
class HandoverTest {
    private static final int[] DEVICES = {1, 2, 3};

    private static RunningRelay relay;

    private final Ed25519Secret successorSecret = Ed25519Secret.generate(new SecureRandom());
    private RawAccount account;
    private RawDevice primary;
    private RawDevice successor;
    private RawDevice companion;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_PLAIN.open(Map.of());
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    @BeforeEach
    void connect() {
        primary = RawDevice.connect(relay);
        account = primary.register();
        primary.putList(account, 2, DEVICES);
        successor = RawDevice.connect(relay).login(account, 2);
        companion = RawDevice.connect(relay).login(account, 3);
    }

    @AfterEach
    void leave() {
        primary.close();
        successor.close();
        companion.close();
    }

    private static ServerFrame put(RawDevice device, SignedDeviceList list) {
        return device.ask(ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list)));
    }

    private SignedDeviceList handover() {
        return account.handover(3, 2, successorSecret, DEVICES);
    }

    private static DeviceListContent.Builder content(SignedDeviceList list) {
        try {
            return DeviceListContent.parseFrom(list.getContent()).toBuilder();
        } catch (InvalidProtocolBufferException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void makesTheCompanionThePrimaryAndNobodyLinksAgain() {
        SignedDeviceList list = handover();
        assertThat(put(primary, list).getDeviceListStored().getVersion()).isEqualTo(3);
        for (RawDevice told : new RawDevice[] {successor, companion}) {
            assertThat(told.read(ServerFrame::hasDeviceListChanged)
                            .getDeviceListChanged()
                            .getDeviceList())
                    .isEqualTo(list);
        }
        SignedDeviceList next = DeviceList.sign(content(list).setVersion(4).build(), successorSecret);

        assertThat(put(primary, next).getError().getCode()).isEqualTo(FORBIDDEN);
        assertThat(put(primary, account.list(4, DEVICES)).getError().getCode()).isEqualTo(FORBIDDEN);
        assertThat(put(successor, next).getDeviceListStored().getVersion()).isEqualTo(4);
        assertThat(primary.read(ServerFrame::hasDeviceListChanged)
                        .getDeviceListChanged()
                        .getDeviceList())
                .isEqualTo(next);
        assertThat(put(primary, next).hasDeviceListStored()).isTrue();
        assertThat(primary.isAlive()).isTrue();
        assertThat(companion.isAlive()).isTrue();
    }

    /** What is changed in a list that would be taken. */
    enum Wrong {
        NOT_COUNTERSIGNED(INVALID_DEVICE_LIST),
        COUNTERSIGNED_BY_ANOTHER_KEY(INVALID_DEVICE_LIST),
        A_COUNTERSIGNATURE_OF_65_BYTES(MALFORMED),
        SIGNED_BY_THE_NEW_KEY(INVALID_DEVICE_LIST),
        A_CHAIN_BY_ANOTHER_KEY(INVALID_DEVICE_LIST),
        A_ROLE_SWAP_WITHOUT_A_NEW_KEY(INVALID_DEVICE_LIST);

        private final ErrorCode code;

        Wrong(ErrorCode code) {
            this.code = code;
        }
    }

    private SignedDeviceList wrong(Wrong wrong) {
        SignedDeviceList good = handover();
        Ed25519Secret another = Ed25519Secret.generate(new SecureRandom());
        return switch (wrong) {
            case NOT_COUNTERSIGNED -> good.toBuilder().clearCountersignature().build();
            case COUNTERSIGNED_BY_ANOTHER_KEY -> DeviceList.countersign(good, another);
            case A_COUNTERSIGNATURE_OF_65_BYTES ->
                good.toBuilder()
                        .setCountersignature(ByteString.copyFrom(new byte[65]))
                        .build();
            case SIGNED_BY_THE_NEW_KEY ->
                DeviceList.countersign(DeviceList.sign(content(good).build(), successorSecret), successorSecret);
            case A_CHAIN_BY_ANOTHER_KEY -> {
                DeviceListContent.Builder content = content(good);
                content.getHandoversBuilder(0).setSignature(ByteString.copyFrom(another.sign(new byte[1])));
                yield DeviceList.countersign(
                        DeviceList.sign(content.build(), account.accountSecret()), successorSecret);
            }
            case A_ROLE_SWAP_WITHOUT_A_NEW_KEY ->
                DeviceList.sign(
                        content(good)
                                .clearHandovers()
                                .setAccountKey(
                                        account.accountSecret().publicKey().toByteString())
                                .build(),
                        account.accountSecret());
        };
    }

    @ParameterizedTest
    @EnumSource
    void changesNothingWhenItIs(Wrong wrong) {
        ClientFrame.Builder frame = ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(wrong(wrong)));
        primary.send(frame);

        assertThat(primary.readError().getCode()).isEqualTo(wrong.code);
        primary.close();
        primary = RawDevice.connect(relay).login(account, 1);
        assertThat(put(primary, handover()).hasDeviceListStored()).isTrue();
    }

    @Test
    void isNotPutByTheSuccessorItself() {
        assertThat(put(successor, handover()).getError().getCode()).isEqualTo(FORBIDDEN);
        assertThat(put(primary, handover()).hasDeviceListStored()).isTrue();
    }
}
