/**
 * One submission to many devices, one answer.
 *
 * <p>Start at {@link dev.quintet.relay.fanout.Submissions}, the sender's side; {@link dev.quintet.relay.fanout.FanOut} is
 * the recipient's, on the recipient's home loop. May import {@code mailbox}, {@code account} and what lies below.
 */
package dev.quintet.relay.fanout;
