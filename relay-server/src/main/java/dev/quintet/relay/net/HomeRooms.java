package dev.quintet.relay.net;

import dev.quintet.relay.account.Handles;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.PairAllowance;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.link.Absences;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.link.LinkAttempts;
import dev.quintet.relay.link.LogOuts;
import dev.quintet.relay.link.Registrations;
import dev.quintet.relay.mailbox.Mailboxes;

/**
 * One home loop with the rooms that work on it.
 *
 * @param home the loop
 * @param mailboxes of its accounts
 * @param deviceLists of its accounts
 * @param listReads of its accounts' lists by others
 * @param registrations of accounts that will be its
 * @param handles of its accounts
 * @param linkAttempts to join its accounts by handle
 * @param prekeys of its accounts
 * @param logOuts of its accounts' devices
 * @param absences of its accounts' devices
 */
public record HomeRooms(
        Home home,
        Mailboxes mailboxes,
        DeviceLists deviceLists,
        PairAllowance listReads,
        Registrations registrations,
        Handles handles,
        LinkAttempts linkAttempts,
        Prekeys prekeys,
        LogOuts logOuts,
        Absences absences) {}
