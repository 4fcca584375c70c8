package dev.quintet.relay.net;

import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.mailbox.Mailboxes;

/**
 * One home loop with the rooms that work on it.
 *
 * @param home the loop
 * @param mailboxes of its accounts
 * @param deviceLists of its accounts
 * @param prekeys of its accounts
 */
public record HomeRooms(Home home, Mailboxes mailboxes, DeviceLists deviceLists, Prekeys prekeys) {}
