package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One account that is in memory, with each room's part of its state.
 *
 * <p>Given to an action by {@link Residents#with} and valid until that action returns; longer only while it is pinned
 * or holds changes that are not in the image.
 *
 * <p><b>Thread:</b> the account's home loop, all methods. <b>Memory:</b> one object and what the rooms put in.
 */
public final class Resident {
    private static final long NEVER = -1;

    private final AccountId account;
    private final List<Chapter<?>> chapters;
    private Object[] parts;

    // What follows belongs to Residents.
    /** Actions that wait for the load or for those before them; null if there are none and the account is loaded. */
    ArrayDeque<Consumer<Resident>> waiting = new ArrayDeque<>();

    /** Position of the newest change that may not be in the image yet. */
    long changed = NEVER;

    /** Neighbours in the order of changes, while the account is dirty. */
    Resident before;

    Resident after;
    int pins;
    int uses;
    boolean isWarm;

    Resident(AccountId account, List<Chapter<?>> chapters) {
        this.account = account;
        this.chapters = chapters;
    }

    /** The account. */
    public AccountId account() {
        return account;
    }

    /** The chapter's part of the state, or null if there is none. */
    @SuppressWarnings("unchecked") // A part is set by its own chapter only, by load or setPart.
    public <T> T part(Chapter<T> chapter) {
        return (T) parts[indexOf(chapter)];
    }

    /** Replaces the chapter's part of the state; null for none. */
    public <T> void setPart(Chapter<T> chapter, T part) {
        parts[indexOf(chapter)] = part;
    }

    void loaded(Object[] loadedParts) {
        parts = loadedParts;
    }

    boolean isDirty() {
        return changed != NEVER;
    }

    void clean() {
        changed = NEVER;
    }

    boolean isEmpty() {
        return Arrays.stream(parts).allMatch(Objects::isNull);
    }

    int weight() {
        long weight = 256;
        for (Chapter<?> chapter : chapters) {
            weight += weightOf(chapter);
        }
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    private <T> int weightOf(Chapter<T> chapter) {
        T part = part(chapter);
        return part == null ? 0 : chapter.weigh(part);
    }

    private int indexOf(Chapter<?> chapter) {
        for (int i = 0; i < parts.length; i++) {
            if (chapters.get(i) == chapter) {
                return i;
            }
        }
        throw new IllegalArgumentException("no chapter of this image: " + chapter);
    }
}
