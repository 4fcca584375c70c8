package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.AccountHandover;
import dev.quintet.protocol.wire.DeviceListContent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * How an account was handed over from one primary to the next, each vouching for the account key of the one after it.
 *
 * <pre>
 *   first key ──signs──▶ key, version 7 ──signs──▶ key, version 12 = the list's account key
 * </pre>
 *
 * <p>So whoever has believed one of these keys can follow to the last. The first key does not stand in the list, but its
 * signature does.
 *
 * <p><b>Thread:</b> any; immutable. Following verifies signatures: not for event loops.
 */
final class AccountKeyChain {
    private final AccountId account;
    private final List<Link> links;

    private record Link(long version, Ed25519Key key, ByteString signature) {
        static Link of(AccountHandover handover, Function<ByteString, Ed25519Key> keys) {
            return new Link(handover.getVersion(), keys.apply(handover.getAccountKey()), handover.getSignature());
        }
    }

    private AccountKeyChain(AccountId account, List<Link> links) {
        this.account = account;
        this.links = links;
    }

    /**
     * The chain in a list.
     *
     * @param keys reads a key, and may refuse it
     * @throws ProtocolException {@code INVALID_DEVICE_LIST} if the versions do not rise from 2 to the list's at most, a key
     *     comes back, or the last key is not the list's
     */
    static AccountKeyChain of(DeviceListContent content, Function<ByteString, Ed25519Key> keys) {
        List<Link> links = new ArrayList<>(content.getHandoversCount());
        content.getHandoversList().forEach(handover -> links.add(Link.of(handover, keys)));
        AccountKeyChain chain = new AccountKeyChain(AccountId.of(content.getAccount()), List.copyOf(links));
        chain.check(content);
        return chain;
    }

    private void check(DeviceListContent content) {
        long version = 1;
        Set<Ed25519Key> known = new HashSet<>();
        for (Link link : links) {
            demand(link.version > version, "the versions of the handovers do not rise from 2");
            demand(known.add(link.key), "an account key comes back");
            version = link.version;
        }
        if (!links.isEmpty()) {
            demand(version <= content.getVersion(), "a handover has a later version than the list");
            boolean isLast = last().key.toByteString().equals(content.getAccountKey());
            demand(isLast, "the last handover is to another account key");
        }
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw ProtocolException.invalidDeviceList(otherwise);
        }
    }

    private Link last() {
        return links.get(links.size() - 1);
    }

    /** Whether the last handover took place in the list of this version. */
    boolean endsAt(long version) {
        return !links.isEmpty() && last().version == version;
    }

    /** Whether this is {@code before} and one handover more. */
    boolean isOneMoreThan(AccountKeyChain before) {
        return links.size() == before.links.size() + 1
                && links.subList(0, before.links.size()).equals(before.links);
    }

    /**
     * Whether whoever held {@code known} has handed over, maybe by way of others, to the holder of {@code last}, and after
     * {@code version} at that.
     */
    boolean leads(Ed25519Key known, long version, Ed25519Key last) {
        Ed25519Key holder = known;
        for (Link link : linksAfter(known, last)) {
            byte[] statement = Statement.handover(account, link.version, link.key);
            if (link.version <= version || !holder.verify(statement, link.signature.toByteArray())) {
                return false;
            }
            holder = link.key;
        }
        return holder.equals(last);
    }

    /** Whether a later key is the first one again: then the signature of the first handover is its own. */
    boolean returnsToFirst() {
        if (links.isEmpty()) {
            return false;
        }
        Link first = links.get(0);
        byte[] statement = Statement.handover(account, first.version, first.key);
        byte[] signature = first.signature.toByteArray();
        return links.stream().anyMatch(link -> link.key.verify(statement, signature));
    }

    /** A key that stands nowhere in the chain may be the first. */
    private List<Link> linksAfter(Ed25519Key known, Ed25519Key last) {
        if (known.equals(last)) {
            return List.of();
        }
        for (int index = 0; index < links.size(); index++) {
            if (links.get(index).key.equals(known)) {
                return links.subList(index + 1, links.size());
            }
        }
        return links;
    }

    /** The account key before the last handover; {@code first} if there was no other. */
    Ed25519Key keyBefore(Ed25519Key first) {
        return links.size() > 1 ? links.get(links.size() - 2).key : first;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccountKeyChain chain && account.equals(chain.account) && links.equals(chain.links);
    }

    @Override
    public int hashCode() {
        return links.hashCode();
    }
}
