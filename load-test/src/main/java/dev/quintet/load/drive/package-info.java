/**
 * The load driver: accounts of devices on one event loop, traffic by schedule or by window, and a check of every
 * delivery. It shares the machine with what it measures, so that a delivery costs it as little as it can.
 *
 * <p>Start at {@link dev.quintet.load.drive.Driver}. {@link dev.quintet.load.drive.Wire} is how a kind of server is
 * spoken to; {@link dev.quintet.load.drive.RelayWire} speaks to a relay. Imports the protocol and the client's keys and
 * addresses, nothing else of the load test.
 */
package dev.quintet.load.drive;
