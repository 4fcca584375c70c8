package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.DEVICE_REMOVED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LeaveAccount;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices that are removed: out at once, whatever they are doing, with the reason as their last word. */
@Timeout(60)
class RemovalTest {
    private static final long PROMPT_MILLIS = 250;
    private static final int COMPANIONS = 4;
    private static final int ACCOUNTS = 2;
    private static final int BACKLOG = 80;
    private static final ByteString LARGE = ByteString.copyFrom(new byte[60_000]);

    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of("listen.event-loops", 3));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    private static ClientFrame.Builder putting(SignedDeviceList list) {
        return ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list));
    }

    private static ErrorCode put(RawDevice primary, SignedDeviceList list) {
        return primary.ask(putting(list)).getError().getCode();
    }

    /** What a device is doing when it is removed. */
    enum Moment {
        LISTENING((account, device) -> {
            RawDevice connected = RawDevice.connect(relay);
            connected.login(account, device).read(ServerFrame::hasBacklog);
            return connected;
        }),
        /** More waits than window and sockets take, and it reads nothing until it is removed. */
        IN_THE_MIDDLE_OF_ITS_BACKLOG((account, device) -> {
            RawDevice connected = RawDevice.connect(relay);
            connected.login(account, device).readDelivery();
            return connected;
        }),
        LOGGING_IN((account, device) -> RawDevice.connect(relay).sendLogin(account, device)),
        /** On its way from the loop that accepted it to its home loop, or near that. */
        MOVING_TO_ITS_HOME_LOOP((account, device) -> {
            RawDevice connected = RawDevice.connect(relay).sendLogin(account, device);
            pause(device);
            return connected;
        });

        private final BiFunction<RawAccount, Integer, RawDevice> begin;

        Moment(BiFunction<RawAccount, Integer, RawDevice> begin) {
            this.begin = begin;
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A busy machine may be late now and then, so it is the median that counts. */
    @ParameterizedTest
    @EnumSource
    void isToldAndCutAtOnceWhile(Moment moment) {
        List<Long> millis = new ArrayList<>();
        for (int round = 0; round < ACCOUNTS; round++) {
            try (RawDevice sender = RawDevice.connect(relay);
                    RawDevice primary = RawDevice.connect(relay)) {
                sender.register();
                RawAccount account = primary.register();
                primary.putList(account, 2, 1, 2, 3, 4, 5);
                if (moment == Moment.IN_THE_MIDDLE_OF_ITS_BACKLOG) {
                    fill(account, sender);
                }
                for (int device = 2; device < 2 + COMPANIONS; device++) {
                    millis.add(removalMillis(moment, primary, account, device));
                }
            }
        }
        assertThat(millis.stream().sorted().toList().get(millis.size() / 2))
                .as("milliseconds, each: %s", millis)
                .isLessThan(PROMPT_MILLIS);
    }

    private static void fill(RawAccount account, RawDevice sender) {
        for (int envelope = 0; envelope < BACKLOG; envelope++) {
            Submit.Builder submission = RawDevice.submission(account, 1, 2, 3, 4, 5);
            submission
                    .getRecipientsBuilder(0)
                    .getDevicesBuilderList()
                    .forEach(device -> device.setCiphertext(ByteString.EMPTY));
            sender.ask(RawDevice.frame(submission.setSharedCiphertext(LARGE)));
        }
    }

    /** From the list that leaves the device out until the device has heard why and the connection is closed. */
    private static long removalMillis(Moment moment, RawDevice primary, RawAccount account, int device) {
        int[] staying = IntStream.concat(IntStream.of(1), IntStream.rangeClosed(device + 1, 1 + COMPANIONS))
                .toArray();
        ClientFrame.Builder removal = putting(account.list(1 + device, staying));
        try (RawDevice removed = moment.begin.apply(account, device)) {
            long start = System.nanoTime();
            primary.send(removal);
            assertThat(RawDevice.lastErrorOf(removed)).isEqualTo(DEVICE_REMOVED);
            long millis = (System.nanoTime() - start) / 1_000_000;
            primary.read(ServerFrame::hasDeviceListStored);
            return millis;
        }
    }

    /** Whatever it had on its way: once the primary has heard that the device is out, nothing of it goes in any more. */
    @Test
    void putsNothingInAnyMoreOnceItsRemovalIsConfirmed() {
        try (RawDevice recipient = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            RawAccount recipients = recipient.register();
            RawAccount account = primary.register();
            for (int device = 2; device < 12; device++) {
                primary.putList(account, 2L * device - 2, 1, device);
                try (RawDevice removed = RawDevice.connect(relay).login(account, device)) {
                    removed.send(submissions(recipients, 200));
                    primary.putList(account, 2L * device - 1, 1);
                    primary.ask(RawDevice.frame(RawDevice.submission(recipients, 1)));
                    assertThat(RawDevice.lastErrorOf(removed)).isEqualTo(DEVICE_REMOVED);
                    awaitEnvelopeOf(1, recipient);
                    primary.ask(RawDevice.frame(RawDevice.submission(recipients, 1)));
                    assertThat(acknowledge(recipient).getFromDevice()).isEqualTo(1);
                }
            }
        }
    }

    private static byte[] submissions(RawAccount recipient, int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int submission = 0; submission < count; submission++) {
            all.writeBytes(RawDevice.bytes(RawDevice.frame(RawDevice.submission(recipient, 1))));
        }
        return all.toByteArray();
    }

    private static void awaitEnvelopeOf(int device, RawDevice recipient) {
        Deliver delivery = acknowledge(recipient);
        while (delivery.getFromDevice() != device) {
            delivery = acknowledge(recipient);
        }
    }

    private static Deliver acknowledge(RawDevice recipient) {
        Deliver delivery = recipient.readDelivery();
        recipient.send(RawDevice.acknowledgement(delivery.getSequence()));
        return delivery;
    }

    /** An account that starts anew: its companions are out with all that waited for them, and the primary stays. */
    @Test
    void endsAllCompanionsOfAnAccountThatIsResetAndKeepsItsPrimary() {
        try (RawDevice sender = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            sender.register();
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2, 3, 4, 5);
            sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2, 3, 4, 5)));
            List<RawDevice> companions = IntStream.rangeClosed(2, 5)
                    .mapToObj(device -> RawDevice.connect(relay).login(account, device))
                    .toList();

            assertThat(put(primary, withPrimary(account, 3, 2))).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
            primary.putList(account, 3, 1);

            companions.forEach(companion -> {
                assertThat(RawDevice.lastErrorOf(companion)).isEqualTo(DEVICE_REMOVED);
                companion.close();
            });
            for (int device = 2; device <= 5; device++) {
                try (RawDevice again = RawDevice.connect(relay).sendLogin(account, device)) {
                    assertThat(RawDevice.lastErrorOf(again)).isEqualTo(DEVICE_REMOVED);
                }
            }
            primary.putList(account, 4, 1, 6);
            try (RawDevice fresh = RawDevice.connect(relay).login(account, 6)) {
                assertThat(fresh.read(ServerFrame::hasBacklog).getBacklog().getCount())
                        .isZero();
            }
        }
    }

    // Leaving

    private static final ClientFrame.Builder LEAVING =
            ClientFrame.newBuilder().setLeaveAccount(LeaveAccount.getDefaultInstance());

    private static List<Integer> loggedOut(RawDevice device) {
        return device.read(ServerFrame::hasDeviceListChanged)
                .getDeviceListChanged()
                .getDeviceList()
                .getLoggedOutList();
    }

    @Test
    void endsACompanionThatLeavesByItselfWithAllThatItLeavesBehind() {
        try (RawDevice sender = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            sender.register();
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2, 3);
            sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2, 3)));
            try (RawDevice leaving = RawDevice.connect(relay).login(account, 2);
                    RawDevice staying = RawDevice.connect(relay).login(account, 3)) {
                leaving.readDelivery();
                leaving.send(LEAVING);

                assertThat(RawDevice.lastErrorOf(leaving)).isEqualTo(DEVICE_REMOVED);
                assertThat(loggedOut(staying)).containsExactly(2);
                assertThat(loggedOut(primary)).containsExactly(2);
                assertThat(loggedOut(sender)).containsExactly(2);
            }
            try (RawDevice again = RawDevice.connect(relay).sendLogin(account, 2)) {
                assertThat(RawDevice.lastErrorOf(again)).isEqualTo(DEVICE_REMOVED);
            }
            assertThat(sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2, 3)))
                            .getSubmitAnswer()
                            .getAnswers(0)
                            .getMismatch()
                            .getExtraList())
                    .containsExactly(2);
            assertThat(put(primary, account.list(3, 1, 2, 3))).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
            primary.putList(account, 3, 1, 3);
        }
    }

    @Test
    void keepsAPrimaryThatWouldLeave() {
        try (RawDevice primary = RawDevice.connect(relay)) {
            primary.register();
            assertThat(primary.ask(LEAVING.clone()).getError().getCode()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(primary.isAlive()).isTrue();
        }
    }

    private static SignedDeviceList withPrimary(RawAccount account, long version, int... devices) {
        DeviceListContent.Builder content = account.content(version, devices);
        content.getDevicesBuilderList().forEach(device -> device.setRole(Role.COMPANION));
        content.getDevicesBuilder(0).setRole(Role.PRIMARY);
        return DeviceList.sign(content.build(), account.accountSecret());
    }

    /** The sender learns of a new list before it needs it, and of a stranger's never. */
    @Test
    void isNoSurpriseForWhoHasJustWritten() {
        try (RawDevice sender = RawDevice.connect(relay);
                RawDevice silent = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            sender.register();
            silent.register();
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2);
            sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));

            primary.putList(account, 3, 1);

            assertThat(sender.read(ServerFrame::hasDeviceListChanged)
                            .getDeviceListChanged()
                            .getDeviceList())
                    .isEqualTo(account.list(3, 1));
            assertThat(sender.ask(RawDevice.frame(RawDevice.submission(account, 1)))
                            .getSubmitAnswer()
                            .getAnswers(0)
                            .hasAccepted())
                    .isTrue();
            silent.send(RawDevice.ping(1));
            assertThat(silent.read().hasPong()).isTrue();
        }
    }
}
