package dev.quintet.relay.net;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.wire.Limits;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.account.UniqueNames;
import dev.quintet.relay.fanout.Calls;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.mailbox.MailboxLimits;
import io.netty.channel.Channel;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * All that a socket needs of the house: given to every handshake, which hands it on to its connection.
 *
 * <p><b>Thread:</b> any; immutable but for its counters.
 */
public final class Reception {
    private final Rooms rooms;
    private final Ways ways;
    private final Terms terms;
    private final FailedLogins failedLogins;

    /**
     * The rooms below.
     *
     * @param homes which home an account has
     * @param perHome by index of the home
     * @param submissions the way into fan-out
     * @param calls where calls are claimed
     * @param linkOffers where new devices and primaries meet
     * @param handleNames which account has a handle
     */
    public record Rooms(
            Homes homes,
            List<HomeRooms> perHome,
            Submissions submissions,
            Calls calls,
            LinkOffers linkOffers,
            UniqueNames handleNames) {}

    /**
     * Threads, clocks and chance.
     *
     * @param crypto where signatures are verified; refuses when too many wait
     * @param mover takes a channel to its home loop
     * @param watches the deadlines of the loop that a channel is on
     * @param clock for what devices are told
     * @param nanoTime for rates
     * @param random for challenges and account ids
     * @param failure told of a bug of our own; the process should stop
     */
    public record Ways(
            Executor crypto,
            Mover mover,
            Function<Channel, Watch> watches,
            InstantSource clock,
            Ticker nanoTime,
            RandomGenerator random,
            Consumer<Throwable> failure) {}

    /**
     * What holds for every connection.
     *
     * @param connection limits of a connection
     * @param mailbox limits of a mailbox
     * @param registration who may have which handle
     * @param announced what the challenge says of limits
     * @param certificate what logins are bound to, or {@link CertificateHash#UNBOUND}
     * @param meters where to count
     */
    public record Terms(
            ConnectionLimits connection,
            MailboxLimits mailbox,
            RegistrationTerms registration,
            Limits announced,
            CertificateHash certificate,
            NetMeters meters) {}

    /** The reception of a relay. */
    public Reception(Rooms rooms, Ways ways, Terms terms) {
        this.rooms = rooms;
        this.ways = ways;
        this.terms = terms;
        this.failedLogins = new FailedLogins(terms.connection().failedLoginsPerMinute(), ways.nanoTime());
    }

    HomeRooms homeOf(AccountId account) {
        return rooms.perHome().get(rooms.homes().of(account).index());
    }

    Submissions submissions() {
        return rooms.submissions();
    }

    Calls calls() {
        return rooms.calls();
    }

    LinkOffers linkOffers() {
        return rooms.linkOffers();
    }

    UniqueNames handleNames() {
        return rooms.handleNames();
    }

    Ways ways() {
        return ways;
    }

    Terms terms() {
        return terms;
    }

    FailedLogins failedLogins() {
        return failedLogins;
    }
}
