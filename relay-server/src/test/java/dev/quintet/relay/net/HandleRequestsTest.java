package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.HandleToken;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handles over sockets: who may say what. */
@Timeout(30)
class HandleRequestsTest {
    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_PLAIN.open(Map.of());
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    private static ClientFrame.Builder putting(String handle) {
        return ClientFrame.newBuilder().setPutHandle(PutHandle.newBuilder().setHandle(handle));
    }

    private static ClientFrame.Builder registration(RawDevice device, String handle) {
        RawAccount account = new RawAccount(AccountId.of(device.challenge().getNewAccount()));
        ClientFrame.Builder frame = device.registration(account);
        frame.getRegisterBuilder().setHandle(handle);
        return frame;
    }

    @Test
    void storesAHandleAndTellsTheSecondThatItIsTaken() {
        try (RawDevice first = RawDevice.connect(relay);
                RawDevice second = RawDevice.connect(relay)) {
            first.register();
            second.register();
            assertThat(first.ask(putting("+447700900001")).getHandleStored().getHandle())
                    .isEqualTo("+447700900001");
            assertThat(second.ask(putting("+447700900001")).getError().getCode())
                    .isEqualTo(ErrorCode.HANDLE_TAKEN);
            assertThat(first.ask(putting("")).getHandleStored().getHandle()).isEmpty();
        }
    }

    @Test
    void registersWithAHandleAndClosesWhenItIsTaken() {
        try (RawDevice first = RawDevice.connect(relay);
                RawDevice second = RawDevice.connect(relay)) {
            first.send(registration(first, "carol"));
            assertThat(first.read(ServerFrame::hasRegistered)).isNotNull();
            assertThat(RawDevice.lastErrorOf(second.send(registration(second, "carol"))))
                    .isEqualTo(ErrorCode.HANDLE_TAKEN);
        }
    }

    @Test
    void forbidsCompanions() {
        try (RawDevice primary = RawDevice.connect(relay);
                RawDevice companion = RawDevice.connect(relay)) {
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2);
            companion.login(account, 2);
            assertThat(companion.ask(putting("dora")).getError().getCode()).isEqualTo(ErrorCode.FORBIDDEN);
        }
    }

    @Test
    void refusesAHandleThatIsNoLine() {
        for (String handle : new String[] {"a\nb", "a\u0000", "\u202eevil", "x".repeat(65)}) {
            try (RawDevice device = RawDevice.connect(relay)) {
                device.register();
                assertThat(RawDevice.lastErrorOf(device.send(putting(handle)))).isEqualTo(ErrorCode.MALFORMED);
            }
            try (RawDevice device = RawDevice.connect(relay)) {
                assertThat(RawDevice.lastErrorOf(device.send(registration(device, handle))))
                        .isEqualTo(ErrorCode.MALFORMED);
            }
        }
    }

    /** What may be wrong with a token for {@code +447700900200}. */
    enum Token {
        GOOD(0, null, 60_000, "+447700900200"),
        OF_ANOTHER_BACKEND(1, ErrorCode.HANDLE_NOT_PROVED, 60_000, "+447700900200"),
        EXPIRED(0, ErrorCode.HANDLE_NOT_PROVED, -1, "+447700900200"),
        FOR_ANOTHER_HANDLE(0, ErrorCode.HANDLE_NOT_PROVED, 60_000, "+447700900201");

        private final int backend;
        private final ErrorCode answer;
        private final long lifeMillis;
        private final String handle;

        Token(int backend, ErrorCode answer, long lifeMillis, String handle) {
            this.backend = backend;
            this.answer = answer;
            this.lifeMillis = lifeMillis;
            this.handle = handle;
        }

        HandleToken of(RawAccount account) {
            long expiresAtMillis = System.currentTimeMillis() + lifeMillis;
            byte[] statement =
                    Statement.handle(account.accountSecret().publicKey(), expiresAtMillis, Handle.of(handle));
            return HandleToken.newBuilder()
                    .setExpiresAtMillis(expiresAtMillis)
                    .setSignature(ByteString.copyFrom(backend(backend).sign(statement)))
                    .build();
        }
    }

    private static Ed25519Secret backend(int number) {
        byte[] seed = new byte[Ed25519Secret.SEED_BYTES];
        Arrays.fill(seed, (byte) (0xb0 + number));
        return Ed25519Secret.of(seed);
    }

    private static RunningRelay openByToken() {
        return Door.EPOLL_PLAIN.open(
                Map.of("registration.token-key", backend(0).publicKey().toString()));
    }

    @ParameterizedTest
    @EnumSource
    void takesAHandleByTokenAlone(Token token) {
        try (RunningRelay strict = openByToken();
                RawDevice primary = RawDevice.connect(strict);
                RawDevice second = RawDevice.connect(strict)) {
            RawAccount account = primary.register();
            ClientFrame.Builder put = putting("+447700900200");
            assertThat(primary.ask(put).getError().getCode()).isEqualTo(ErrorCode.HANDLE_NOT_PROVED);
            put.getPutHandleBuilder().setToken(token.of(account));
            assertThat(primary.ask(put).hasHandleStored()).isEqualTo(token.answer == null);
            assertThat(primary.ask(putting("")).hasHandleStored()).isTrue();

            RawAccount registering =
                    new RawAccount(AccountId.of(second.challenge().getNewAccount()));
            ClientFrame.Builder registration = second.registration(registering);
            registration.getRegisterBuilder().setHandle("+447700900200");
            if (token == Token.GOOD) {
                // Another account's token.
                registration.getRegisterBuilder().setHandleToken(token.of(account));
            } else {
                registration.getRegisterBuilder().setHandleToken(token.of(registering));
            }
            assertThat(RawDevice.lastErrorOf(second.send(registration))).isEqualTo(ErrorCode.HANDLE_NOT_PROVED);
        }
    }

    @Test
    void registersWithAGoodToken() {
        try (RunningRelay strict = openByToken();
                RawDevice device = RawDevice.connect(strict)) {
            RawAccount account = new RawAccount(AccountId.of(device.challenge().getNewAccount()));
            ClientFrame.Builder registration = device.registration(account);
            registration.getRegisterBuilder().setHandle("+447700900200").setHandleToken(Token.GOOD.of(account));
            assertThat(device.send(registration).read(ServerFrame::hasRegistered))
                    .isNotNull();
        }
    }

    @Test
    void doesNotStartWithATokenKeyThatIsNone() {
        assertThatThrownBy(() -> new RegistrationTerms("00".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tokenKey ");
    }
}
