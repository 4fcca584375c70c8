/**
 * The command line, and the load driver behind it: real clients against a real relay process, and a checker between.
 *
 * <p>Start at {@link dev.quintet.load.Quintet}, the top command. {@link dev.quintet.load.DeliveryChecker} says whether
 * what was accepted is what was delivered. The package imports the client and the protocol; of the relay only the
 * {@code serve} command, so that one jar has them all.
 */
package dev.quintet.load;
