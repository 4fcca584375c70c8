package dev.quintet.relay.account;

import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.store.Resident;
import dev.quintet.relay.store.Residents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Notes when devices are here: in memory each time, in the journal once a day. So a restart may take a device for absent
 * up to a day longer than it was, and never for less.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Failure:</b> what the journal refuses is noted the next time.
 */
public final class LastSeen {
    private final Residents residents;
    private final Journal journal;
    private final InstantSource clock;
    private final long everyMillis;

    /** The notes of one home loop; {@code clock} is the system's. */
    public LastSeen(Residents residents, Journal journal, ClockLimits limits, InstantSource clock) {
        this.residents = residents;
        this.journal = journal;
        this.clock = clock;
        everyMillis = TimeUnit.SECONDS.toMillis(limits.seenEverySeconds());
    }

    /** A device that takes part in {@code account} is connected. */
    public void seen(Resident resident, Account account, int device) {
        long notJournaledMillis = account.seen(device, clock.millis());
        if (notJournaledMillis >= everyMillis) {
            journal(resident, account, device);
        }
    }

    private void journal(Resident resident, Account account, int device) {
        long atMillis = account.seenMillis(device);
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer(LastSeenEntry.BYTES);
        try {
            LastSeenEntry.write(entry, resident.account(), device, atMillis);
            long position = journal.append(Partitions.of(resident.account()), EntryType.LAST_SEEN, entry);
            if (position >= 0) {
                account.seenJournaled(device, atMillis);
                residents.changed(resident, position);
            }
        } finally {
            entry.release();
        }
    }
}
