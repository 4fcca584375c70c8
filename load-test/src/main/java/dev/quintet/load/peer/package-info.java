/**
 * How the load speaks to servers of other kinds: an MQTT broker with persistent sessions and QoS 1, Redis with streams. An
 * account is a topic or a stream, and each of its devices a subscriber of its own; all get the same bytes.
 *
 * <p>Start at {@link dev.quintet.load.peer.MqttWire} and {@link dev.quintet.load.peer.RedisWire}. Imports the driver.
 */
package dev.quintet.load.peer;
