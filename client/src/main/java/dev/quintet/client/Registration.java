package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.Disconnection.Kind;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Register;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Welcome;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Makes an account: new keys, the first signed device list, one connection.
 *
 * <p>If the connection breaks before the answer, an account that nobody can use may be left on the relay; register again.
 *
 * <p><b>Thread:</b> any to start; the future is completed on an event loop of the transport.
 */
public final class Registration implements ConnectionOwner {
    private final SecureRandom random = new SecureRandom();
    private final CompletableFuture<DeviceKeys> result = new CompletableFuture<>();
    private final Platform platform;
    private DeviceKeys keys;
    private boolean isRegistered;

    private Registration(Platform platform) {
        this.platform = platform;
    }

    /**
     * Registers a new account with this program as its primary.
     *
     * @param platform what to write into the device list
     * @return the keys, once the account is on the relay's disk: store them before you use them. Fails with a {@link
     *     DisconnectedException} if the relay cannot be reached or refuses
     */
    public static CompletableFuture<DeviceKeys> register(
            ClientTransport transport, RelayAddress relay, Platform platform, DeviceOptions options) {
        Registration registration = new Registration(platform);
        transport.connect(
                transport.nextLoop(),
                relay,
                options,
                new RelayConnection(registration, relay, registration::answer, options));
        return registration.result;
    }

    private ClientFrame answer(Challenge challenge, CertificateHash certificate) {
        AccountId account = AccountId.of(challenge.getNewAccount());
        keys = DeviceKeys.primary(account, random);
        SignedDeviceList list = DeviceListDraft.first(keys, platform).sign(keys);
        byte[] statement =
                Statement.register(challenge.getChallenge().toByteArray(), account, keys.device(), certificate);
        return ClientFrame.newBuilder()
                .setRegister(Register.newBuilder()
                        .setVersion(Login.VERSION)
                        .setDeviceList(list)
                        .setSignature(ByteString.copyFrom(keys.identity().sign(statement))))
                .build();
    }

    @Override
    public void loggedIn(RelayConnection connection, Challenge challenge, Welcome welcome) {
        isRegistered = true;
        connection.close(Disconnection.of(Kind.REQUESTED, "registered"));
    }

    @Override
    public void arrived(RelayConnection connection, ServerFrame frame) {
        // What waits for a new account is nothing.
    }

    @Override
    public void writable(RelayConnection connection) {
        // There is nothing more to write.
    }

    @Override
    public void disconnected(RelayConnection connection, Disconnection disconnection) {
        if (isRegistered) {
            result.complete(keys);
        } else {
            result.completeExceptionally(new DisconnectedException(disconnection));
        }
    }
}
