package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Handle;
import dev.quintet.relay.account.HandleChapter.Held;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/**
 * By which handle each account of a home loop can be asked for: at most one each, and no two the same.
 *
 * <p>A handle that an account gives up is free for others once the image knows of it, so within a checkpoint.
 *
 * <p><b>Thread:</b> the home loop, all methods; answers come there too. <b>Failure:</b> answers only.
 */
public final class Handles {
    private final Home home;
    private final HandleChapter chapter;
    private final UniqueNames names;
    private final Journal journal;

    /** The handles of one home loop; {@code names} are those of all. */
    public Handles(Home home, HandleChapter chapter, UniqueNames names, Journal journal) {
        this.home = home;
        this.chapter = chapter;
        this.names = names;
        this.journal = journal;
    }

    /** Whether the account has this handle. */
    public boolean has(Resident resident, Handle handle) {
        Held held = resident.part(chapter);
        return held != null && handle.equals(held.handle());
    }

    /** Gives the account this handle and takes the one before, or only that if {@code handle} is null. */
    public void put(AccountId account, Handle handle, Consumer<HandleAnswer> answer) {
        if (handle == null) {
            give(account, null, answer);
        } else {
            claim(account, handle, refusal -> {
                if (refusal == null) {
                    give(account, handle, answer);
                } else {
                    answer.accept(refusal);
                }
            });
        }
    }

    /** Answers null if the handle is the account's to be given by {@link #give}, or given back by {@link #withdraw}. */
    public void claim(AccountId account, Handle handle, Consumer<HandleAnswer> refusal) {
        names.claim(
                handle.toBytes(),
                account,
                verdict -> home.run(() -> refusal.accept(
                        switch (verdict) {
                            case GRANTED -> null;
                            case TAKEN -> HandleAnswer.TAKEN;
                            case BUSY -> HandleAnswer.OVERLOADED;
                        })));
    }

    /** The account will not have what it has claimed. */
    public void withdraw(Handle handle) {
        names.withdraw(handle.toBytes());
    }

    /** Stores the handle that the account has claimed, or that it has none; answers once that is durable. */
    public void give(AccountId account, Handle handle, Consumer<HandleAnswer> answer) {
        boolean isTaken = home.residents().with(account, resident -> give(resident, handle, answer));
        if (!isTaken) {
            refuse(handle, HandleAnswer.OVERLOADED, answer);
        }
    }

    private void give(Resident resident, Handle handle, Consumer<HandleAnswer> answer) {
        AccountId account = resident.account();
        Held before = resident.part(chapter);
        long position = append(account, handle);
        if (position < 0) {
            HandleAnswer refusal = position == Journal.NO_SPACE ? HandleAnswer.NO_SPACE : HandleAnswer.OVERLOADED;
            refuse(handle, refusal, answer);
            return;
        }
        resident.setPart(chapter, new Held(handle, position));
        home.residents().changed(resident, position);
        if (before != null && before.handle() != null) {
            names.journaled(before.handle().toBytes(), account, position);
        }
        if (handle != null) {
            names.journaled(handle.toBytes(), account, position);
        }
        home.afterDurable().after(position, () -> answer.accept(HandleAnswer.STORED));
    }

    private void refuse(Handle handle, HandleAnswer refusal, Consumer<HandleAnswer> answer) {
        if (handle != null) {
            withdraw(handle);
        }
        answer.accept(refusal);
    }

    private long append(AccountId account, Handle handle) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            HandleEntry.write(entry, account, handle);
            return journal.append(Partitions.of(account), EntryType.HANDLE, entry);
        } finally {
            entry.release();
        }
    }
}
