package dev.quintet.client;

import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Welcome;

/** Who opened a {@link RelayConnection} and hears of it, on its event loop. */
interface ConnectionOwner {
    /** The relay accepted the login. Called once, before any {@link #arrived}. */
    void loggedIn(RelayConnection connection, Challenge challenge, Welcome welcome);

    /** A frame that is not about login or liveness. A {@code ProtocolException} closes the connection. */
    void arrived(RelayConnection connection, ServerFrame frame);

    /** There is room again for frames to write. */
    void writable(RelayConnection connection);

    /** There never was a connection, or it is gone. The last call. */
    void disconnected(RelayConnection connection, Disconnection disconnection);
}
