/**
 * How devices come and go.
 *
 * <p>Start at {@link dev.quintet.relay.link.DeviceLists}. Runs on the account's home loop. May import {@code account},
 * {@code mailbox} and what lies below.
 */
package dev.quintet.relay.link;
