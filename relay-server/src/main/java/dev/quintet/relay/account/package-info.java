/**
 * Who has which devices, and where an account lives.
 *
 * <p>Start at {@link dev.quintet.relay.account.Account}. State is read and written on the account's home loop only; {@link
 * dev.quintet.relay.account.AccountChapter} runs on fold and read threads. May import {@code store}, {@code journal} and
 * the protocol.
 */
package dev.quintet.relay.account;
