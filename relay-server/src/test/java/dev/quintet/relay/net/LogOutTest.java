package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.DEVICE_INACTIVE;
import static dev.quintet.protocol.wire.ErrorCode.DEVICE_REMOVED;
import static dev.quintet.protocol.wire.ErrorCode.INVALID_DEVICE_LIST;
import static dev.quintet.protocol.wire.ErrorCode.LOGIN_FAILED;
import static dev.quintet.protocol.wire.ErrorCode.PRIMARY_INACTIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.GetKeys;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Welcome;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Devices that stay away for too long, where too long is some seconds, as they and others see it over the wire. */
@Timeout(60)
class LogOutTest {
    private RunningRelay relay = relay("3 s", "20 s", "2 s");

    @AfterEach
    void close() {
        relay.close();
    }

    private static RunningRelay relay(String primaryAway, String companionAway, String warning) {
        return Door.EPOLL_BORING_SSL.open(Map.of(
                "clocks.primary-away", primaryAway,
                "clocks.companion-away", companionAway,
                "clocks.warning", warning,
                "clocks.sealed-mailbox", "1 h",
                "clocks.seen-every", "1 s"));
    }

    private RawAccount account(int devices) {
        try (RawDevice primary = RawDevice.connect(relay)) {
            RawAccount account = primary.register();
            primary.putList(account, 2, IntStream.rangeClosed(1, devices).toArray());
            return account;
        }
    }

    private Welcome welcome(RawDevice device, RawAccount account, int number) {
        device.sendLogin(account, number);
        return device.read(ServerFrame::hasWelcome).getWelcome();
    }

    private ErrorCode refusedLogin(RawAccount account, int device) {
        try (RawDevice late = RawDevice.connect(relay).sendLogin(account, device)) {
            return RawDevice.lastErrorOf(late);
        }
    }

    private static void awaitSeconds(long seconds) throws InterruptedException {
        Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
    }

    @Test
    void warnsCutsAndKeepsOutTheCompanionsOfAPrimaryThatStaysAway() throws InterruptedException {
        RawAccount account = account(3);
        try (RawDevice companion = RawDevice.connect(relay)) {
            Welcome welcome = welcome(companion, account, 2);
            assertThat(welcome.getCompanionDaysLeft()).isZero();
            assertThat(welcome.getLoggedOutList()).isEmpty();

            assertThat(companion.read(ServerFrame::hasExpiring).getExpiring().getCompanionDaysLeft())
                    .isEqualTo(1);
            try (RawDevice warned = RawDevice.connect(relay)) {
                assertThat(welcome(warned, account, 3).getCompanionDaysLeft()).isEqualTo(1);
                assertThat(RawDevice.lastErrorOf(warned)).isEqualTo(PRIMARY_INACTIVE);
            }
            assertThat(RawDevice.lastErrorOf(companion)).isEqualTo(PRIMARY_INACTIVE);
        }
        assertThat(refusedLogin(account, 2)).isEqualTo(PRIMARY_INACTIVE);
        assertThat(refusedLogin(account, 3)).isEqualTo(PRIMARY_INACTIVE);
        assertThat(relay.metric("quintet_connections_closed_total{reason=\"logged_out\"}"))
                .isEqualTo(2);
        assertThat(relay.metric("quintet_devices_logged_out_total{reason=\"primary_inactive\"}"))
                .isEqualTo(2);
        assertThat(relay.metric("quintet_clock_trusted")).isEqualTo(1);
    }

    @Test
    void tellsADeviceThatWasAwayWhenItHappenedAndNobodyWithoutItsKey() throws InterruptedException {
        RawAccount account = account(2);
        awaitSeconds(4);
        RawAccount stranger = new RawAccount(account.id());

        assertThat(refusedLogin(stranger, 2)).isEqualTo(LOGIN_FAILED);
        assertThat(refusedLogin(account, 2)).isEqualTo(PRIMARY_INACTIVE);
        try (RawDevice primary = RawDevice.connect(relay)) {
            Welcome welcome = welcome(primary, account, 1);
            assertThat(welcome.getLoggedOutList()).containsExactly(2);
            assertThat(welcome.getListVersion()).isEqualTo(2);
            assertThat(welcome.getCompanionDaysLeft()).isZero();
            primary.putList(account, 3, 1);
        }
        assertThat(refusedLogin(account, 2)).isEqualTo(PRIMARY_INACTIVE);
    }

    @Test
    void tellsTheCompanionsThatThePrimaryIsBack() {
        RawAccount account = account(2);
        try (RawDevice companion = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            welcome(companion, account, 2);
            assertThat(companion.read(ServerFrame::hasExpiring).getExpiring().getCompanionDaysLeft())
                    .isEqualTo(1);
            welcome(primary, account, 1);

            assertThat(companion.read(ServerFrame::hasExpiring).getExpiring().getCompanionDaysLeft())
                    .isZero();
            assertThat(companion.isAlive()).isTrue();
        }
    }

    @Test
    void logsACompanionOutThatStaysAwayAndTellsThePrimary() {
        relay.close();
        relay = relay("20 s", "3 s", "2 s");
        RawAccount account = account(3);
        try (RawDevice primary = RawDevice.connect(relay);
                RawDevice companion = RawDevice.connect(relay)) {
            welcome(primary, account, 1);
            welcome(companion, account, 3);

            SignedDeviceList changed = primary.read(ServerFrame::hasDeviceListChanged)
                    .getDeviceListChanged()
                    .getDeviceList();

            assertThat(changed.getLoggedOutList()).containsExactly(2);
            assertThat(DeviceList.parse(changed).isFrom(account.accountSecret().publicKey()))
                    .isTrue();
            assertThat(companion.isAlive()).isTrue();
            assertThat(refusedLogin(account, 2)).isEqualTo(DEVICE_INACTIVE);
            primary.putList(account, 3, 1);
            assertThat(RawDevice.lastErrorOf(companion)).isEqualTo(DEVICE_REMOVED);
        }
    }

    @Test
    void showsEverySenderWhoTakesPart() throws InterruptedException {
        RawAccount account = account(3);
        awaitSeconds(4);
        try (RawDevice sender = RawDevice.connect(relay)) {
            sender.register();
            Mismatch mismatch = sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2, 3)))
                    .getSubmitAnswer()
                    .getAnswers(0)
                    .getMismatch();
            assertThat(mismatch.getExtraList()).containsExactly(2, 3);
            assertThat(mismatch.getDeviceList().getLoggedOutList()).containsExactly(2, 3);

            SignedDeviceList served = sender.ask(ClientFrame.newBuilder()
                            .setGetDeviceList(GetDeviceList.newBuilder()
                                    .setAccount(account.id().toByteString())))
                    .getDeviceList()
                    .getDeviceList();
            assertThat(served).isEqualTo(mismatch.getDeviceList());

            var bundles = sender.ask(ClientFrame.newBuilder()
                            .setGetKeys(
                                    GetKeys.newBuilder().setAccount(account.id().toByteString())))
                    .getKeyBundles();
            assertThat(bundles.getBundlesCount()).isEqualTo(1);
            assertThat(bundles.getDeviceList()).isEqualTo(served);
            assertThat(sender.ask(RawDevice.frame(RawDevice.submission(account, 1)))
                            .getSubmitAnswer()
                            .getAnswers(0)
                            .hasAccepted())
                    .isTrue();
        }
    }

    @Test
    void givesTheSealedMailboxBackToADeviceThatIsLinkedAgain() throws InterruptedException {
        RawAccount account = account(2);
        try (RawDevice sender = RawDevice.connect(relay)) {
            sender.register();
            sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));
            sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));
            try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
                companion.ask(RawDevice.acknowledgement(companion.readDelivery().getSequence()));
            }
            awaitSeconds(4);
            try (RawDevice primary = RawDevice.connect(relay).login(account, 1)) {
                ServerFrame refusal = put(primary, account.list(3, 1, 2));
                assertThat(refusal.getError().getCode()).isEqualTo(INVALID_DEVICE_LIST);
                DeviceListContent.Builder again = account.content(3, 1, 2);
                again.getDevicesBuilder(1).setLinkedAtMillis(1);
                SignedDeviceList signed = DeviceList.sign(again.build(), account.accountSecret());
                // What a device says of log-outs means nothing.
                SignedDeviceList withAWord =
                        signed.toBuilder().addLoggedOut(1).addLoggedOut(7).build();
                assertThat(put(primary, withAWord).getDeviceListStored().getVersion())
                        .isEqualTo(3);
                sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));

                try (RawDevice back = RawDevice.connect(relay)) {
                    assertThat(welcome(back, account, 2).getLoggedOutList()).isEmpty();
                    Deliver second = back.readDelivery();
                    assertThat(second.getSequence()).isEqualTo(2);
                    assertThat(second.getPrevious()).isEqualTo(1);
                    assertThat(back.readDelivery().getSequence()).isEqualTo(3);
                }
            }
        }
    }

    private static ServerFrame put(RawDevice primary, SignedDeviceList list) {
        return primary.ask(ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list)));
    }
}
