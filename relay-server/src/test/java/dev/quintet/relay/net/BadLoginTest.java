package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.DEVICE_REMOVED;
import static dev.quintet.protocol.wire.ErrorCode.INVALID_DEVICE_LIST;
import static dev.quintet.protocol.wire.ErrorCode.LOGIN_FAILED;
import static dev.quintet.protocol.wire.ErrorCode.LOGIN_TIMEOUT;
import static dev.quintet.protocol.wire.ErrorCode.RATE_LIMITED;
import static dev.quintet.protocol.wire.ErrorCode.REPLACED;
import static dev.quintet.protocol.wire.ErrorCode.VERSION_UNSUPPORTED;
import static dev.quintet.protocol.wire.ErrorCode.WRONG_STATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who cannot prove to be a device of an account stays out, and learns nothing. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class BadLoginTest {
    private static RunningRelay relay;
    private static Witnesses witnesses;

    /** Devices 1 and 2 are in, device 3 was removed. */
    private static RawAccount account;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of());
        witnesses = new Witnesses(relay);
        try (RawDevice primary = RawDevice.connect(relay)) {
            account = primary.register();
            primary.putList(account, 2, 1, 2, 3);
            primary.putList(account, 3, 1, 2);
        }
    }

    @AfterEach
    void nobodyElseNotices() {
        witnesses.areServed();
    }

    @AfterAll
    static void close() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(relay.metric("quintet_sockets")).isEqualTo(2);
            assertThat(relay.metric("quintet_connections")).isEqualTo(2);
        });
        witnesses.close();
        relay.close();
    }

    /** Logins that fail, changed from one that would not. */
    enum Failing {
        AN_UNKNOWN_ACCOUNT((device, login) -> login.setAccount(ByteString.copyFrom(new byte[16]))),
        A_DEVICE_THAT_WAS_NEVER_THERE((device, login) -> login.setDevice(4)),
        DEVICE_0((device, login) -> login.setDevice(0)),
        A_DEVICE_OF_32_BITS((device, login) -> login.setDevice(-1)),
        THE_KEY_OF_ANOTHER_DEVICE((device, login) -> login.setSignature(signedBySecond(device))),
        ONE_WRONG_BIT((device, login) -> login.setSignature(flipped(login.getSignature()))),
        A_SIGNATURE_OF_ZEROS((device, login) -> login.setSignature(ByteString.copyFrom(new byte[64]))),
        A_POINT_OF_LOW_ORDER((device, login) ->
                login.setSignature(ByteString.copyFrom(HexFormat.of().parseHex("01" + "00".repeat(63))))),
        A_SCALAR_THAT_IS_NOT_CANONICAL((device, login) -> login.setSignature(login.getSignature()
                .substring(0, 32)
                .concat(ByteString.copyFrom(HexFormat.of().parseHex("ff".repeat(32)))))),
        THE_CHALLENGE_OF_ANOTHER_CONNECTION((device, login) -> {
            try (RawDevice other = RawDevice.connect(relay)) {
                login.setSignature(other.authentication(account, 1).getSignature());
            }
        }),
        ANOTHER_SERVERS_CERTIFICATE((device, login) -> login.setSignature(ByteString.copyFrom(account.identity(1)
                .sign(Statement.authenticate(
                        device.challenge().getChallenge().toByteArray(),
                        account.id(),
                        1,
                        CertificateHash.ofDer(new byte[1])))))),
        A_REMOVED_DEVICE_WITHOUT_ITS_KEY((device, login) -> login.setDevice(3));

        private final BiConsumer<RawDevice, Authenticate.Builder> change;

        Failing(BiConsumer<RawDevice, Authenticate.Builder> change) {
            this.change = change;
        }

        private static ByteString signedBySecond(RawDevice device) {
            byte[] challenge = device.challenge().getChallenge().toByteArray();
            byte[] statement = Statement.authenticate(challenge, account.id(), 1, relay.certificate());
            return ByteString.copyFrom(account.identity(2).sign(statement));
        }

        private static ByteString flipped(ByteString signature) {
            byte[] bytes = signature.toByteArray();
            bytes[40] ^= 1;
            return ByteString.copyFrom(bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void failsAlikeForEveryLoginWithoutAProof(Failing reason) {
        try (RawDevice device = RawDevice.connect(relay)) {
            Authenticate.Builder login = device.authentication(account, 1);
            reason.change.accept(device, login);
            device.send(ClientFrame.newBuilder().setAuthenticate(login));
            assertThat(device.read())
                    .isEqualTo(ServerFrame.newBuilder()
                            .setError(Error.newBuilder()
                                    .setCode(LOGIN_FAILED)
                                    .setMessage("unknown account or device, or a wrong signature")
                                    .setClosing(true))
                            .build());
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void takesAsLongForAnUnknownAccountAsForAKnownOne() {
        List<Long> known = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            known.add(nanosToFail(Failing.ONE_WRONG_BIT));
            unknown.add(nanosToFail(Failing.AN_UNKNOWN_ACCOUNT));
        }
        assertThat(median(unknown)).isBetween(median(known) / 4, median(known) * 4);
    }

    private static long nanosToFail(Failing reason) {
        try (RawDevice device = RawDevice.connect(relay)) {
            Authenticate.Builder login = device.authentication(account, 1);
            reason.change.accept(device, login);
            byte[] frame = RawDevice.bytes(ClientFrame.newBuilder().setAuthenticate(login));
            long start = System.nanoTime();
            device.send(frame);
            device.readError();
            return System.nanoTime() - start;
        }
    }

    private static long median(List<Long> samples) {
        return samples.stream().sorted().skip(samples.size() / 2).findFirst().orElseThrow();
    }

    @Test
    void tellsOnlyTheRemovedDeviceItselfThatItWasRemoved() {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.sendLogin(account, 3);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(DEVICE_REMOVED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 65_535, -1})
    void saysWhichVersionsItSpeaks(int version) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(ClientFrame.newBuilder()
                    .setAuthenticate(device.authentication(account, 1).setVersion(version)));
            Error error = device.readError();
            assertThat(error.getCode()).isEqualTo(VERSION_UNSUPPORTED);
            assertThat(error.getMinVersion()).isEqualTo(1);
            assertThat(error.getMaxVersion()).isEqualTo(1);
            assertThat(error.getClosing()).isTrue();
            assertThat(device.read()).isNull();
        }
    }

    /** Requests that only a device which is logged in may make. */
    enum Request {
        SUBMIT(() -> RawDevice.frame(RawDevice.submission(account, 1, 2))),
        ACKNOWLEDGE(() -> RawDevice.acknowledgement(1)),
        PING(() -> RawDevice.ping(1)),
        GET_LIST(() -> ClientFrame.newBuilder()
                .setGetDeviceList(
                        GetDeviceList.newBuilder().setAccount(account.id().toByteString()))),
        PUT_LIST(() -> ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(account.list(4, 1))));

        private final Supplier<ClientFrame.Builder> frame;

        Request(Supplier<ClientFrame.Builder> frame) {
            this.frame = frame;
        }
    }

    @ParameterizedTest
    @EnumSource
    void doesNothingBeforeLogin(Request request) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(request.frame.get().setRequestId(9));
            ServerFrame answer = device.read();
            assertThat(answer.getRequestId()).isEqualTo(9);
            assertThat(answer.getError().getCode()).isEqualTo(WRONG_STATE);
            assertThat(answer.getError().getClosing()).isTrue();
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void endsAConnectionThatLogsInTwice() {
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount own = device.register();
            device.sendLogin(own, 1);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(WRONG_STATE);
        }
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount own = device.register();
            device.send(device.registration(own));
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(WRONG_STATE);
        }
    }

    @Test
    void endsAHandshakeThatDoesNotLogIn() {
        try (RunningRelay strict = Door.EPOLL_BORING_SSL.open(Map.of("connection.timeouts.login", "2 s"));
                RawDevice device = RawDevice.connect(strict)) {
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(LOGIN_TIMEOUT);
        }
    }

    @Test
    void takesAsMuchAsItHoldsBehindALoginAndNoMore() {
        try (RawDevice first = RawDevice.connect(relay)) {
            RawAccount own = first.register();
            for (int count : new int[] {0, 1, 16, 17, 100}) {
                try (RawDevice device = RawDevice.connect(relay)) {
                    device.send(pipelined(device, own, count));
                    assertHandledInOrder(device, count);
                }
            }
        }
    }

    private static byte[] pipelined(RawDevice device, RawAccount own, int pings) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes(RawDevice.bytes(ClientFrame.newBuilder().setAuthenticate(device.authentication(own, 1))));
        for (int token = 1; token <= pings; token++) {
            sent.writeBytes(RawDevice.bytes(RawDevice.ping(token)));
        }
        return sent.toByteArray();
    }

    private static void assertHandledInOrder(RawDevice device, int pings) {
        ServerFrame frame = device.read();
        if (frame.hasError()) {
            assertThat(pings).isGreaterThan(16);
            assertThat(frame.getError().getCode()).isEqualTo(WRONG_STATE);
            assertThat(device.read()).isNull();
            return;
        }
        assertThat(frame.hasWelcome()).isTrue();
        for (int token = 1; token <= Math.min(16, pings); token++) {
            assertThat(device.read(ServerFrame::hasPong).getPong().getToken()).isEqualTo(token);
        }
    }

    @Test
    void letsTheNewestConnectionOfADeviceWin() {
        try (RawDevice old = RawDevice.connect(relay)) {
            RawAccount own = old.register();
            try (RawDevice newer = RawDevice.connect(relay).login(own, 1)) {
                assertThat(RawDevice.lastErrorOf(old)).isEqualTo(REPLACED);
                assertThat(newer.isAlive()).isTrue();
            }
        }
    }

    @Test
    void checksNoMoreSignaturesForAnAddressThatFailsTooOften() {
        try (RunningRelay strict = Door.EPOLL_PLAIN.open(Map.of("connection.failed-logins-per-minute", 5))) {
            RawAccount own;
            try (RawDevice device = RawDevice.connect(strict)) {
                own = device.register();
            }
            for (int failure = 0; failure < 5; failure++) {
                try (RawDevice device = RawDevice.connect(strict)) {
                    device.sendLogin(own, 2);
                    assertThat(RawDevice.lastErrorOf(device)).isEqualTo(LOGIN_FAILED);
                }
            }
            try (RawDevice device = RawDevice.connect(strict)) {
                device.sendLogin(own, 1);
                Error error = device.readError();
                assertThat(error.getCode()).isEqualTo(RATE_LIMITED);
                assertThat(error.getRetryAfterMillis()).isPositive();
                assertThat(device.read()).isNull();
            }
        }
    }

    // Registering

    @Test
    void registersOnlyUnderTheAccountOfThisConnection() {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(device.registration(new RawAccount(new AccountId(1, 2))));
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(LOGIN_FAILED);
        }
    }

    /** First lists that are signed well and are wrong. */
    enum BadFirstList {
        VERSION_2(list -> list.setVersion(2)),
        DEVICE_2(list -> list.getDevicesBuilder(0).setDevice(2)),
        TWO_DEVICES(list -> list.addDevices(list.getDevices(0).toBuilder().setDevice(2))),
        NO_PRIMARY(list -> list.getDevicesBuilder(0).setRoleValue(0)),
        NO_REGISTRATION_ID(list -> list.getDevicesBuilder(0).setRegistrationId(0)),
        A_NAME_OF_257_BYTES(list -> list.getDevicesBuilder(0).setName(ByteString.copyFrom(new byte[257]))),
        AN_IDENTITY_KEY_OF_ZEROS(list -> list.getDevicesBuilder(0).setIdentityKey(ByteString.copyFrom(new byte[32]))),
        AN_IDENTITY_KEY_OF_LOW_ORDER(list -> list.getDevicesBuilder(0)
                .setIdentityKey(ByteString.copyFrom(HexFormat.of().parseHex("01" + "00".repeat(31))))),
        AN_IDENTITY_KEY_THAT_IS_NOT_CANONICAL(list -> list.getDevicesBuilder(0)
                .setIdentityKey(ByteString.copyFrom(HexFormat.of().parseHex("f0" + "ff".repeat(30) + "7f"))));

        private final Consumer<DeviceListContent.Builder> change;

        BadFirstList(Consumer<DeviceListContent.Builder> change) {
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesToRegister(BadFirstList list) {
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount own = new RawAccount(AccountId.of(device.challenge().getNewAccount()));
            DeviceListContent.Builder content = own.content(1, 1);
            list.change.accept(content);
            ClientFrame.Builder registration = device.registration(own);
            registration.getRegisterBuilder().setDeviceList(DeviceList.sign(content.build(), own.accountSecret()));
            device.send(registration);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(INVALID_DEVICE_LIST);
        }
    }
}
