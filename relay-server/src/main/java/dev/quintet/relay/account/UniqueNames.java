package dev.quintet.relay.account;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.relay.store.Rows;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Names that at most one account of all has: the first that asks gets it, whichever loops the others are on.
 *
 * <p>A name belongs to whom the image says, unless it is here:
 *
 * <pre>
 *   free ──claim──▶ pending ──journaled──▶ held ──the image has passed the entry──▶ in the image, or free
 *                      └─────withdraw─────▶ as before
 * </pre>
 *
 * <p>Why one look at the image is enough: whoever looks has put a claim before, so no entry about that name lies in what
 * is being folded, and its row stands still. A name that an account gives up is held for it until the image knows.
 *
 * <p><b>Thread:</b> any; the image is read by {@code readers}. <b>Memory:</b> names being claimed, and those in the journal
 * between two checkpoints. <b>Limits:</b> those of {@code readers}: {@link Verdict#BUSY}.
 */
public final class UniqueNames {
    private static final long NOT_JOURNALED = -1;

    private final NameRows names;
    private final Rows rows;
    private final Executor readers;
    private final Map<ByteString, Claim> claims = new ConcurrentHashMap<>();

    /** What becomes of a claim. */
    public enum Verdict {
        /** The name is the account's to take: {@link #journaled} or {@link #withdraw} must follow. */
        GRANTED,
        /** Another account has it or is about to. */
        TAKEN,
        /** Too many reads wait, or this account claims it already: ask again. */
        BUSY
    }

    /** A name in memory; {@code position} of the newest entry about it. */
    private record Claim(AccountId account, long position, boolean isPending) {}

    /** All names of one kind; {@code readers} refuses when too many wait. */
    public UniqueNames(NameRows names, Rows rows, Executor readers) {
        this.names = names;
        this.rows = rows;
        this.readers = readers;
    }

    /** Claims a name for an account; the verdict comes at once or on a read thread. */
    public void claim(byte[] name, AccountId account, Consumer<Verdict> verdict) {
        ByteString key = NameRows.key(name);
        Claim claim = new Claim(account, NOT_JOURNALED, true);
        Claim before = claims.putIfAbsent(key, claim);
        if (before != null) {
            verdict.accept(again(key, before, account));
            return;
        }
        try {
            readers.execute(() -> verdict.accept(look(key, claim)));
        } catch (RejectedExecutionException full) {
            claims.remove(key, claim);
            verdict.accept(Verdict.BUSY);
        }
    }

    private Verdict again(ByteString key, Claim before, AccountId account) {
        if (!before.account().equals(account)) {
            return Verdict.TAKEN;
        }
        boolean isGranted =
                !before.isPending() && claims.replace(key, before, new Claim(account, before.position(), true));
        return isGranted ? Verdict.GRANTED : Verdict.BUSY;
    }

    private Verdict look(ByteString key, Claim claim) {
        AccountId owner = names.owner(rows, key);
        if (owner == null || owner.equals(claim.account())) {
            return Verdict.GRANTED;
        }
        claims.remove(key, claim);
        return Verdict.TAKEN;
    }

    /** The entry at {@code position} gives the name to the account that has claimed it, or ends that it has it. */
    public void journaled(byte[] name, AccountId account, long position) {
        claims.put(NameRows.key(name), new Claim(account, position, false));
    }

    /** What was claimed is not taken after all. */
    public void withdraw(byte[] name) {
        claims.computeIfPresent(
                NameRows.key(name),
                (key, claim) ->
                        claim.position() == NOT_JOURNALED ? null : new Claim(claim.account(), claim.position(), false));
    }

    /**
     * Hands the account that has the name, or null, to {@code then}, at once or on a read thread. Its home knows better: the
     * account may just have given the name up.
     *
     * @return false if too many reads wait: {@code then} will not run
     */
    public boolean find(byte[] name, Consumer<AccountId> then) {
        ByteString key = NameRows.key(name);
        Claim held = claims.get(key);
        if (held != null && held.position() != NOT_JOURNALED) {
            then.accept(held.account());
            return true;
        }
        try {
            readers.execute(() -> then.accept(names.owner(rows, key)));
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** The image holds everything below {@code position}, so what was journaled there need not be remembered. */
    public void imageAdvanced(long position) {
        claims.values().removeIf(claim -> !claim.isPending() && claim.position() < position);
    }

    /** How many names are in memory. */
    public int count() {
        return claims.size();
    }
}
