package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
