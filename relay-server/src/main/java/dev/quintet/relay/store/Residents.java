package dev.quintet.relay.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.quintet.protocol.AccountId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The accounts of one home loop that are in memory.
 *
 * <p>States of an account:
 *
 * <pre>
 *   absent ──with──▶ loading ──▶ in use ──▶ dirty    has a change that is not in the image; stays
 *                                  ▲    ├──▶ pinned   a device is connected; stays
 *                                  │    ├──▶ warm     in a bounded cache, evicted without a write
 *                                  └with┘└─▶ absent   nothing is kept of it
 * </pre>
 *
 * <p>Why a load is always right, even while a fold writes: an account leaves memory only when its last change lies below
 * the image's position, hence is in the rows. As long as it is absent or loading nothing changes it, since whoever
 * changes an account holds its resident. So whatever stretch is being folded meanwhile has no entry of this account,
 * and its rows stand still while they are read, one after the other and without a snapshot. Whether they are flushed
 * does not matter: a crash takes the memory of this process too, and the fold starts again.
 *
 * <p><b>Thread:</b> the home loop, all methods; {@link Image#load} runs on the given executor.
 * <b>Memory:</b> dirty accounts are bounded by the journal between two checkpoints, pinned ones by the connections, warm
 * ones by bytes.
 * <b>Limits:</b> actions that wait for loads; beyond it, or when the executor refuses, {@link #with} answers false.
 * <b>Failure:</b> a failed load goes to the image's failure handler and its waiting actions never run.
 */
public final class Residents {
    private final Image image;
    private final Executor reads;
    private final Executor home;
    private final BooleanSupplier isHome;
    private final int waitingLimit;
    private final Map<AccountId, Resident> residents = new HashMap<>();
    private final Cache<AccountId, Resident> warm;

    /** Ends of the list of dirty accounts, in the order of their newest changes. */
    private Resident oldestChanged;

    private Resident newestChanged;
    private long imagePosition;
    private int waiting;
    private Consumer<Resident> before = resident -> {};

    /**
     * No account in memory.
     *
     * @param config {@code warmBytes} for this loop alone, and {@code waitingActions}
     * @param reads runs loads; refuses with {@link RejectedExecutionException} when too many wait
     * @param home runs something on the home loop later
     * @param isHome whether the caller is the home loop
     */
    public Residents(Image image, StoreConfig config, Executor reads, Executor home, BooleanSupplier isHome) {
        this.image = image;
        this.reads = reads;
        this.home = home;
        this.isHome = isHome;
        waitingLimit = config.waitingActions();
        imagePosition = image.position();
        warm = Caffeine.newBuilder()
                .maximumWeight(config.warmBytes())
                .weigher((AccountId account, Resident resident) -> resident.weight())
                .executor(Runnable::run)
                .evictionListener(this::evicted)
                .build();
    }

    /** What is due before anybody is given an account: {@code action} is run each time. Called once. */
    public void beforeEachUse(Consumer<Resident> action) {
        before = action;
    }

    /**
     * Runs {@code then} with the account: now if it is in memory, else when it has been read. The actions of one account
     * run in the order of the calls.
     *
     * @return false if too many reads wait: {@code then} will not run
     */
    public boolean with(AccountId account, Consumer<Resident> then) {
        assert isHome.getAsBoolean();
        Resident resident = residents.get(account);
        if (resident == null) {
            return load(account, then);
        }
        if (resident.waiting != null) {
            return await(resident, then);
        }
        use(resident, then);
        return true;
    }

    /** The entry at {@code position} has changed the account: it stays in memory until the image has passed it. */
    public void changed(Resident resident, long position) {
        assert isHome.getAsBoolean();
        assert residents.get(resident.account()) == resident : "used after it was let go: " + resident.account();
        assert position >= resident.changed;
        if (resident.isDirty()) {
            unlink(resident);
        }
        cool(resident);
        resident.changed = position;
        link(resident);
    }

    /** Keeps the account in memory until as many {@link #unpin}. */
    public void pin(Resident resident) {
        assert isHome.getAsBoolean();
        assert residents.get(resident.account()) == resident : "used after it was let go: " + resident.account();
        resident.pins++;
        cool(resident);
    }

    /** Takes back one {@link #pin}. */
    public void unpin(Resident resident) {
        assert isHome.getAsBoolean();
        assert resident.pins > 0;
        resident.pins--;
        settle(resident);
    }

    /** The image holds every entry below {@code position}: accounts without a newer change need not stay. */
    public void imageAdvanced(long position) {
        assert isHome.getAsBoolean();
        imagePosition = Math.max(imagePosition, position);
        while (oldestChanged != null && oldestChanged.changed < imagePosition) {
            Resident resident = oldestChanged;
            unlink(resident);
            resident.clean();
            settle(resident);
        }
    }

    /** Whether the account is in memory or on its way there, as each is that a device is connected to. */
    public boolean isIn(AccountId account) {
        assert isHome.getAsBoolean();
        return residents.containsKey(account);
    }

    /** Accounts in memory, in whatever state. */
    public int count() {
        return residents.size();
    }

    private boolean load(AccountId account, Consumer<Resident> then) {
        if (waiting >= waitingLimit) {
            return false;
        }
        Resident resident = new Resident(account, image.chapters());
        residents.put(account, resident);
        await(resident, then);
        try {
            reads.execute(() -> read(resident));
            return true;
        } catch (RejectedExecutionException full) {
            residents.remove(account);
            waiting--;
            return false;
        }
    }

    private boolean await(Resident resident, Consumer<Resident> then) {
        if (waiting >= waitingLimit) {
            return false;
        }
        waiting++;
        resident.waiting.add(then);
        return true;
    }

    /** On a read thread. */
    private void read(Resident resident) {
        Object[] parts;
        try {
            parts = image.load(resident.account());
        } catch (RuntimeException | Error e) {
            image.failure().accept(e);
            return;
        }
        try {
            home.execute(() -> loaded(resident, parts));
        } catch (RejectedExecutionException closed) {
            // The home loop has ended, and with it everybody who waits.
        }
    }

    private void loaded(Resident resident, Object[] parts) {
        resident.loaded(parts);
        runWaiting(resident);
    }

    /** An action may call {@link #with} for the same account; that one is queued behind those that wait already. */
    private void runWaiting(Resident resident) {
        assert isHome.getAsBoolean();
        resident.uses++;
        try {
            while (!resident.waiting.isEmpty()) {
                waiting--;
                Consumer<Resident> next = resident.waiting.poll();
                before.accept(resident);
                next.accept(resident);
            }
            resident.waiting = null;
        } finally {
            resident.uses--;
            settleOrGoOn(resident);
        }
    }

    private void settleOrGoOn(Resident resident) {
        if (resident.waiting == null) {
            settle(resident);
        } else {
            // One action has thrown; that is no reason to forget the others.
            home.execute(() -> runWaiting(resident));
        }
    }

    private void use(Resident resident, Consumer<Resident> then) {
        resident.uses++;
        try {
            if (resident.isWarm) {
                warm.getIfPresent(resident.account());
            }
            before.accept(resident);
            then.accept(resident);
        } finally {
            resident.uses--;
            settle(resident);
        }
    }

    /** Puts an account where it belongs when an action has ended or a reason to stay has gone. */
    private void settle(Resident resident) {
        if (resident.uses > 0 || resident.pins > 0 || resident.isDirty() || resident.isWarm) {
            return;
        }
        if (resident.isEmpty()) {
            residents.remove(resident.account());
            return;
        }
        resident.isWarm = true;
        warm.put(resident.account(), resident);
    }

    private void cool(Resident resident) {
        if (resident.isWarm) {
            resident.isWarm = false;
            warm.invalidate(resident.account());
        }
    }

    private void evicted(AccountId account, Resident resident, RemovalCause cause) {
        resident.isWarm = false;
        if (resident.uses == 0) {
            residents.remove(account);
        }
    }

    private void link(Resident resident) {
        resident.before = newestChanged;
        resident.after = null;
        if (newestChanged == null) {
            oldestChanged = resident;
        } else {
            newestChanged.after = resident;
        }
        newestChanged = resident;
    }

    private void unlink(Resident resident) {
        if (resident.before == null) {
            oldestChanged = resident.after;
        } else {
            resident.before.after = resident.after;
        }
        if (resident.after == null) {
            newestChanged = resident.before;
        } else {
            resident.after.before = resident.before;
        }
    }
}
