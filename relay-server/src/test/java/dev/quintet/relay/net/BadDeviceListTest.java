package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.FORBIDDEN;
import static dev.quintet.protocol.wire.ErrorCode.INVALID_DEVICE_LIST;
import static dev.quintet.protocol.wire.ErrorCode.LIST_CONFLICT;
import static dev.quintet.protocol.wire.ErrorCode.RATE_LIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.server.RunningRelay;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Device lists that are refused over a socket: the connection stays, and so does the list that holds. */
@Timeout(60)
class BadDeviceListTest {
    private static final Ed25519Secret STRANGER = new RawAccount(new AccountId(1, 1)).accountSecret();

    private static RunningRelay relay;
    private static Witnesses witnesses;

    private RawDevice primary;
    private RawAccount account;

    @BeforeAll
    static void open() {
        relay = Door.NIO_PLAIN.open(Map.of());
        witnesses = new Witnesses(relay);
    }

    @AfterAll
    static void close() {
        witnesses.close();
        relay.close();
    }

    /** Version 3 has devices 1 and 2; device 3 was there in version 2. */
    @BeforeEach
    void register() {
        primary = RawDevice.connect(relay);
        account = primary.register();
        primary.putList(account, 2, 1, 2, 3);
        primary.putList(account, 3, 1, 2);
    }

    @AfterEach
    void leave() {
        primary.close();
        witnesses.areServed();
    }

    private static ClientFrame.Builder putting(SignedDeviceList list) {
        return ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list));
    }

    private SignedDeviceList current(RawDevice device) {
        return device.ask(ClientFrame.newBuilder()
                        .setGetDeviceList(GetDeviceList.newBuilder()
                                .setAccount(account.id().toByteString())))
                .getDeviceList()
                .getDeviceList();
    }

    private static SignedDeviceList changed(RawAccount account, Consumer<DeviceListContent.Builder> change) {
        DeviceListContent.Builder content = account.content(4, 1, 2, 4);
        change.accept(content);
        return DeviceList.sign(content.build(), account.accountSecret());
    }

    @Test
    void letsNobodyPollTheListOfAStranger() {
        RawDevice stranger = RawDevice.connect(relay);
        stranger.register();
        ClientFrame.Builder read = ClientFrame.newBuilder()
                .setGetDeviceList(
                        GetDeviceList.newBuilder().setAccount(account.id().toByteString()));
        for (int times = 0; times < 20; times++) {
            assertThat(stranger.ask(read).hasDeviceList()).isTrue();
            assertThat(current(primary))
                    .as("of one's own as often as one likes")
                    .isNotNull();
        }
        Error refusal = stranger.ask(read).getError();
        assertThat(refusal.getCode()).isEqualTo(RATE_LIMITED);
        assertThat(refusal.getClosing()).isFalse();
        assertThat(refusal.getRetryAfterMillis()).isBetween(1, 30_000);
        assertThat(current(primary)).isNotNull();
        stranger.close();
    }

    /** What a primary puts, and what it is told. */
    enum Bad {
        AN_OLD_VERSION_AGAIN(LIST_CONFLICT, account -> account.list(2, 1, 2, 3)),
        ANOTHER_LIST_OF_THE_SAME_VERSION(LIST_CONFLICT, account -> account.list(3, 1)),
        A_VERSION_THAT_SKIPS_ONE(LIST_CONFLICT, account -> account.list(5, 1, 2)),
        A_VERSION_OF_64_BITS(INVALID_DEVICE_LIST, account -> account.list(-1, 1, 2)),
        SIGNED_BY_A_STRANGER(
                INVALID_DEVICE_LIST,
                account -> DeviceList.sign(account.content(4, 1, 2).build(), STRANGER)),
        SIGNED_BY_THE_PRIMARYS_IDENTITY_KEY(
                INVALID_DEVICE_LIST,
                account -> DeviceList.sign(account.content(4, 1, 2).build(), account.identity(1))),
        SIGNED_BY_NOBODY(
                INVALID_DEVICE_LIST,
                account -> account.list(4, 1, 2).toBuilder()
                        .setSignature(ByteString.copyFrom(new byte[64]))
                        .build()),
        SIGNED_FOR_ANOTHER_LIST(
                INVALID_DEVICE_LIST,
                account -> account.list(4, 1, 2).toBuilder()
                        .setSignature(account.list(4, 1).getSignature())
                        .build()),
        FIVE_COMPANIONS(INVALID_DEVICE_LIST, account -> account.list(4, 1, 2, 4, 5, 6, 7)),
        NOBODY(INVALID_DEVICE_LIST, account -> changed(account, DeviceListContent.Builder::clearDevices)),
        ANOTHER_ACCOUNT(
                INVALID_DEVICE_LIST,
                account -> changed(account, list -> list.setAccount(new AccountId(7, 7).toByteString()))),
        ANOTHER_ACCOUNT_KEY(
                INVALID_DEVICE_LIST,
                account -> changed(
                        account, list -> list.setAccountKey(STRANGER.publicKey().toByteString()))),
        THE_NUMBER_OF_A_REMOVED_DEVICE(INVALID_DEVICE_LIST, account -> account.list(4, 1, 2, 3)),
        NUMBERS_THAT_FALL(INVALID_DEVICE_LIST, account -> account.list(4, 1, 5, 4)),
        A_NUMBER_TWICE(INVALID_DEVICE_LIST, account -> account.list(4, 1, 2, 2)),
        WITHOUT_ITS_PRIMARY(INVALID_DEVICE_LIST, account -> changed(account, list -> list.removeDevices(0))),
        TWO_PRIMARIES(
                INVALID_DEVICE_LIST,
                account -> changed(account, list -> list.getDevicesBuilder(1).setRole(Role.PRIMARY))),
        ANOTHER_PRIMARY(
                INVALID_DEVICE_LIST,
                account -> changed(account, list -> {
                    list.getDevicesBuilder(0).setRole(Role.COMPANION);
                    list.getDevicesBuilder(1).setRole(Role.PRIMARY);
                })),
        ANOTHER_IDENTITY_KEY_OF_A_COMPANION(
                INVALID_DEVICE_LIST,
                account -> changed(
                        account,
                        list -> list.getDevicesBuilder(1)
                                .setIdentityKey(STRANGER.publicKey().toByteString()))),
        ANOTHER_IDENTITY_KEY_OF_THE_PRIMARY(
                INVALID_DEVICE_LIST,
                account -> changed(
                        account,
                        list -> list.getDevicesBuilder(0)
                                .setIdentityKey(STRANGER.publicKey().toByteString()))),
        ONE_IDENTITY_KEY_FOR_TWO(
                INVALID_DEVICE_LIST,
                account -> changed(
                        account,
                        list -> list.getDevicesBuilder(2)
                                .setIdentityKey(account.identity(2).publicKey().toByteString()))),
        THE_ACCOUNT_KEY_AS_IDENTITY_KEY(
                INVALID_DEVICE_LIST,
                account -> changed(
                        account,
                        list -> list.getDevicesBuilder(2)
                                .setIdentityKey(
                                        account.accountSecret().publicKey().toByteString()))),
        NO_REGISTRATION_ID(
                INVALID_DEVICE_LIST,
                account -> changed(account, list -> list.getDevicesBuilder(2).setRegistrationId(0)));

        private final ErrorCode code;
        private final Function<RawAccount, SignedDeviceList> list;

        Bad(ErrorCode code, Function<RawAccount, SignedDeviceList> list) {
            this.code = code;
            this.list = list;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotPut(Bad bad) {
        Error error = primary.ask(putting(bad.list.apply(account))).getError();

        assertThat(error.getCode()).isEqualTo(bad.code);
        assertThat(error.getClosing()).isFalse();
        assertThat(error.getMessage()).isNotBlank();
        if (bad.code == LIST_CONFLICT) {
            assertThat(error.getDeviceList()).isEqualTo(account.list(3, 1, 2));
        }
        assertThat(current(primary)).isEqualTo(account.list(3, 1, 2));
        primary.putList(account, 4, 1, 2, 4);
    }

    /** What a companion puts, though the list itself is good or the primary's to mend. */
    enum Usurped {
        A_DEVICE_OF_ITS_OWN(account -> account.list(4, 1, 2, 4)),
        ITS_OWN_END(account -> account.list(4, 1)),
        ANOTHER_IDENTITY_KEY_FOR_ITSELF(account -> changed(
                account,
                list -> list.getDevicesBuilder(1)
                        .setIdentityKey(STRANGER.publicKey().toByteString()))),
        ANOTHER_REGISTRATION_ID(
                account -> changed(account, list -> list.getDevicesBuilder(1).setRegistrationId(77))),
        ITSELF_AS_PRIMARY(account -> changed(account, list -> {
            list.getDevicesBuilder(0).setRole(Role.COMPANION);
            list.getDevicesBuilder(1).setRole(Role.PRIMARY);
        })),
        SIGNED_BY_ITSELF(account -> DeviceList.sign(account.content(4, 1, 2).build(), account.identity(2))),
        THE_NEWEST_LIST_SIGNED_BY_ITSELF(
                account -> DeviceList.sign(account.content(3, 1, 2).build(), account.identity(2))),
        NONSENSE(account -> account.list(4, 1, 2).toBuilder()
                .setContent(ByteString.copyFromUtf8("nonsense"))
                .build());

        private final Function<RawAccount, SignedDeviceList> list;

        Usurped(Function<RawAccount, SignedDeviceList> list) {
            this.list = list;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isForbiddenToACompanion(Usurped usurped) {
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            Error error = companion.ask(putting(usurped.list.apply(account))).getError();

            assertThat(error.getCode()).isEqualTo(FORBIDDEN);
            assertThat(error.getClosing()).isFalse();
            assertThat(current(companion)).isEqualTo(account.list(3, 1, 2));
        }
    }

    @Test
    void isAnsweredAsStoredToACompanionThatRepeatsTheNewest() {
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            assertThat(companion
                            .ask(putting(account.list(3, 1, 2)))
                            .getDeviceListStored()
                            .getVersion())
                    .isEqualTo(3);
        }
    }

    /** Five lists at once, each of which would be the next one and give the last places to other devices. */
    @Test
    void isOneOfManyOfTheSameVersionThatWins() {
        for (int round = 0; round < 10; round++) {
            long version = 4 + round;
            int firstNew = 10 + 20 * round;
            List<SignedDeviceList> lists = Stream.of(0, 4, 8, 12, 16)
                    .map(offset -> account.list(version, 1, 2, firstNew + offset, firstNew + offset + 1))
                    .toList();
            for (int index = 0; index < lists.size(); index++) {
                primary.send(putting(lists.get(index)).setRequestId(index));
            }
            ServerFrame[] answers = new ServerFrame[lists.size()];
            for (int answered = 0; answered < answers.length; answered++) {
                ServerFrame answer = primary.read(frame -> frame.hasDeviceListStored() || frame.hasError());
                answers[(int) answer.getRequestId()] = answer;
            }
            SignedDeviceList winner = current(primary);
            assertThat(lists).contains(winner);
            assertThat(Arrays.stream(answers).filter(ServerFrame::hasDeviceListStored))
                    .hasSize(1);
            assertThat(answers[lists.indexOf(winner)].hasDeviceListStored()).isTrue();
            assertThat(Arrays.stream(answers).filter(ServerFrame::hasError))
                    .allMatch(answer -> answer.getError().getCode() == LIST_CONFLICT
                            && answer.getError().getDeviceList().equals(winner));
        }
    }
}
