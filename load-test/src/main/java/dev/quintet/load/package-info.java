/**
 * The command line: the relay's own command, hand tools, the demo, and the load.
 *
 * <p>Start at {@link dev.quintet.load.Quintet}, the top command. The demo runs real clients, a {@link
 * dev.quintet.load.Fleet}, under a {@link dev.quintet.load.DeliveryChecker}; the load, {@link dev.quintet.load.Load}, runs
 * on {@link dev.quintet.load.drive.Driver}, which costs less. The package imports the client, the protocol and the packages
 * below it; of the relay only the {@code serve} command, so that one jar has them all.
 */
package dev.quintet.load;
