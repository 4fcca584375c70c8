/**
 * A relay without sockets, for tests: all rooms below {@code net}, on one thread.
 *
 * <p>Start at {@link dev.quintet.relay.rooms.Rooms}.
 */
package dev.quintet.relay.rooms;
