package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClaimLinkOffer;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an account's devices hear of one that was added. */
@Timeout(30)
class LinkAlertTest {
    private static RunningRelay relay;

    private RawDevice primary;
    private RawAccount account;

    @BeforeAll
    static void open() {
        relay = Door.NIO_PLAIN.open(Map.of("link.offers-per-address", 1_000));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    @BeforeEach
    void register() {
        primary = RawDevice.connect(relay);
        account = primary.register();
        primary.putList(account, 2, 1, 2);
    }

    @AfterEach
    void leave() {
        primary.close();
    }

    /** A new device that will be this one, and whose offer the primary has claimed. */
    private RawDevice ask(int device, int platform) {
        RawDevice asking = RawDevice.connect(relay);
        ByteString reference = asking.send(ClientFrame.newBuilder()
                        .setOpenLinkOffer(OpenLinkOffer.newBuilder()
                                .setVersion(1)
                                .setIdentityKey(
                                        account.identity(device).publicKey().toByteString())
                                .setPlatformValue(platform)
                                .setName("laptop")))
                .read(ServerFrame::hasLinkOffer)
                .getLinkOffer()
                .getReference();
        ServerFrame claimed = primary.ask(ClientFrame.newBuilder()
                .setClaimLinkOffer(ClaimLinkOffer.newBuilder().setReference(reference)));
        assertThat(claimed.hasLinkOfferClaimed()).isTrue();
        return asking;
    }

    private static LinkAlert readAlert(RawDevice device) {
        return device.read(ServerFrame::hasLinkAlert).getLinkAlert();
    }

    private static void hearsNothing(RawDevice device) {
        device.send(RawDevice.ping(1));
        assertThat(device.read(frame -> frame.hasPong() || frame.hasLinkAlert()).hasPong())
                .isTrue();
    }

    @Test
    void comesAtOnceToEveryDeviceThatIsConnected() {
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2);
                RawDevice asking = ask(3, Platform.LINUX_VALUE)) {
            asking.read(ServerFrame::hasLinkOfferClaimed);
            long before = System.currentTimeMillis();
            DeviceListContent.Builder content = account.content(3, 1, 2, 3);
            content.getDevicesBuilder(2).setPlatform(Platform.LINUX);
            primary.send(ClientFrame.newBuilder()
                    .setPutDeviceList(PutDeviceList.newBuilder()
                            .setDeviceList(DeviceList.sign(content.build(), account.accountSecret()))));
            LinkAlert heard = readAlert(companion);

            assertThat(heard.getDevice()).isEqualTo(3);
            assertThat(heard.getPlatform()).isEqualTo(Platform.LINUX);
            assertThat(heard.getName()).isEqualTo("laptop");
            assertThat(heard.getNetwork()).isEqualTo("127.0.0.0/24");
            assertThat(heard.getAtMillis()).isBetween(before, System.currentTimeMillis());
            assertThat(heard.getListVersion()).isEqualTo(3);
            assertThat(readAlert(primary)).isEqualTo(heard);
            primary.read(ServerFrame::hasDeviceListStored);
        }
    }

    @Test
    void comesBehindTheBacklogToADeviceThatWasAwayAndIsRepeatedUntilTheDeviceLeaves() {
        try (RawDevice asking = ask(3, Platform.IOS_VALUE)) {
            asking.read(ServerFrame::hasLinkOfferClaimed);
            primary.putList(account, 3, 1, 2, 3);
        }
        for (int login = 0; login < 2; login++) {
            try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
                assertThat(companion.read().hasBacklog()).isTrue();
                assertThat(companion.read().getLinkAlert().getDevice()).isEqualTo(3);
                hearsNothing(companion);
            }
        }
        primary.putList(account, 4, 1, 2);
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            hearsNothing(companion);
        }
    }

    @Test
    void comesBehindABacklogThatHasToBeReadFromTheDisk() {
        for (int envelope = 0; envelope < 20; envelope++) {
            try (RawDevice sender = RawDevice.connect(relay)) {
                sender.register();
                sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));
            }
        }
        primary.putList(account, 3, 1, 2, 3);
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            assertThat(companion.read().getBacklog().getCount()).isEqualTo(20);
            assertThat(companion.read().getLinkAlert().getDevice()).isEqualTo(3);
            assertThat(companion.read().hasDeliver()).isTrue();
        }
    }

    @Test
    void isNotForTheNewDeviceAndSaysNothingMoreThanTheListIfNobodyAsked() {
        primary.putList(account, 3, 1, 2, 3);

        try (RawDevice companion = RawDevice.connect(relay).login(account, 3)) {
            hearsNothing(companion);
        }
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            LinkAlert alert = readAlert(companion);
            assertThat(alert.getDevice()).isEqualTo(3);
            assertThat(alert.getName() + alert.getNetwork()).isEmpty();
        }
    }

    @Test
    void linksNobodyElseWhileADeviceAsks() {
        try (RawDevice asking = ask(3, Platform.LINUX_VALUE)) {
            asking.read(ServerFrame::hasLinkOfferClaimed);
            ServerFrame refused = primary.ask(ClientFrame.newBuilder()
                    .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(account.list(3, 1, 2, 4))));
            assertThat(refused.getError().getCode()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
            primary.putList(account, 3, 1, 2, 3);
        }
        primary.read(ServerFrame::hasLinkOfferClosed);
        primary.putList(account, 4, 1, 2, 3, 4);
    }

    @Test
    void takesAPlatformOfWhichTheRelayHasNeverHeard() {
        try (RawDevice asking = ask(3, 99)) {
            asking.read(ServerFrame::hasLinkOfferClaimed);
            DeviceListContent.Builder content = account.content(3, 1, 2, 3);
            content.getDevicesBuilder(2).setPlatformValue(99);
            ServerFrame stored = primary.ask(ClientFrame.newBuilder()
                    .setPutDeviceList(PutDeviceList.newBuilder()
                            .setDeviceList(DeviceList.sign(content.build(), account.accountSecret()))));
            assertThat(stored.hasDeviceListStored()).isTrue();
        }
        assertThat(relay.failures()).isEmpty();
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            assertThat(readAlert(companion).getPlatform()).isEqualTo(Platform.OTHER);
        }
    }
}
