/**
 * Sockets: the listener, the handshake until the device is known, the connection after.
 *
 * <p>Start at {@link dev.quintet.relay.net.Connection}. A handshake runs on the loop that accepted it, a connection on its
 * account's home loop. May import {@code fanout}, {@code link} and what lies below.
 */
package dev.quintet.relay.net;
