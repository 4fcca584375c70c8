package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.server.RunningRelay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One identity key, two accounts: the first one has it, over whatever sockets and loops they come. */
@Timeout(60)
class IdentityKeyTest {
    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.NIO_PLAIN.open(Map.of("listen.event-loops", 3));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    private static RawAccount newAccount(RawDevice device, Ed25519Secret identity) {
        RawAccount account = new RawAccount(AccountId.of(device.challenge().getNewAccount()));
        account.identities().put(1, identity);
        return account;
    }

    private static ServerFrame put(RawDevice primary, SignedDeviceList list) {
        return primary.ask(ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list)));
    }

    @Test
    void cannotRegisterASecondTime() {
        try (RawDevice first = RawDevice.connect(relay);
                RawDevice second = RawDevice.connect(relay)) {
            RawAccount account = first.register();
            second.send(second.registration(newAccount(second, account.identity(1))));
            assertThat(RawDevice.lastErrorOf(second)).isEqualTo(ErrorCode.IDENTITY_KEY_KNOWN);
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void cannotJoinAnotherAccount() {
        try (RawDevice first = RawDevice.connect(relay);
                RawDevice second = RawDevice.connect(relay)) {
            RawAccount account = first.register();
            first.putList(account, 2, 1, 2);
            RawAccount other = second.register();
            other.identities().put(2, account.identity(2));

            assertThat(put(second, other.list(2, 1, 2)).getError().getCode()).isEqualTo(ErrorCode.IDENTITY_KEY_KNOWN);
            assertThat(put(second, other.list(2, 1, 2, 3)).getError().getCode())
                    .isEqualTo(ErrorCode.IDENTITY_KEY_KNOWN);
            assertThat(put(second, other.list(2, 1, 3)).hasDeviceListStored()).isTrue();
        }
    }

    @Test
    void isOneAccountsWhenManyRegisterItAtOnce() {
        for (int round = 0; round < 20; round++) {
            List<RawDevice> devices =
                    Stream.generate(() -> RawDevice.connect(relay)).limit(4).toList();
            Ed25519Secret identity = new RawAccount(new AccountId(1, 1)).identity(1);
            devices.forEach(device -> device.send(device.registration(newAccount(device, identity))));
            List<ErrorCode> refusals = new ArrayList<>();
            for (RawDevice device : devices) {
                ServerFrame answer = device.read(frame -> frame.hasRegistered() || frame.hasError());
                if (answer.hasError()) {
                    refusals.add(answer.getError().getCode());
                }
                device.close();
            }
            assertThat(refusals).hasSize(3).containsOnly(ErrorCode.IDENTITY_KEY_KNOWN);
        }
    }
}
