/**
 * What waits for one device.
 *
 * <p>Start at {@link dev.quintet.relay.mailbox.Mailboxes}. Everything here runs on the account's home loop, except {@link
 * dev.quintet.relay.mailbox.MailboxChapter} (fold and read threads). May import {@code store}, {@code journal} and the
 * protocol.
 */
package dev.quintet.relay.mailbox;
