package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.Disconnection;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.Registration;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.Platform;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Accounts of five devices in one process, all of them real clients of one relay.
 *
 * <p><b>Thread:</b> one that may block.
 */
final class Fleet implements AutoCloseable {
    /** Devices of each account. */
    static final int DEVICES = 5;

    private static final long CONNECT_SECONDS = 30;
    private static final long BACKLOG_MILLIS = 5_000;
    private static final int FIRST_COMPANION = 2;
    private static final int REGISTERING_AT_A_TIME = 16;

    private final ClientTransport transport;
    private final RelayAddress relay;
    private final DeviceOptions options;
    private final Instruments instruments;
    private final SecureRandom random = new SecureRandom();
    private final List<FleetAccount> accounts = new ArrayList<>();
    private int linkedByQr;
    private int linkedByCode;
    private FleetLink.Watch linkWatch;

    /**
     * What a fleet's devices are measured with.
     *
     * @param checks where deliveries are checked: in the order in which they are given to it
     * @param sentNanos when each submission was made
     */
    record Instruments(
            Parcel parcel,
            DeliveryChecker checker,
            FleetObserver observer,
            Executor checks,
            Map<EnvelopeId, Long> sentNanos) {
        Instruments(Parcel parcel, DeliveryChecker checker, FleetObserver observer, Executor checks) {
            this(parcel, checker, observer, checks, new ConcurrentHashMap<>());
        }

        /** A submission is made now; answers the time. */
        long sent(EnvelopeId envelopeId) {
            long nowNanos = System.nanoTime();
            sentNanos.put(envelopeId, nowNanos);
            return nowNanos;
        }

        /** When it was made; now, if it is none of ours. */
        long sentNanos(EnvelopeId envelopeId) {
            return sentNanos.getOrDefault(envelopeId, System.nanoTime());
        }
    }

    Fleet(ClientTransport transport, RelayAddress relay, DeviceOptions options, Instruments instruments) {
        this.transport = transport;
        this.relay = relay;
        this.options = options;
        this.instruments = instruments;
    }

    /**
     * Registers more accounts and connects all their devices.
     *
     * @param registered called after each account, on any thread
     */
    void register(int count, Runnable registered) {
        for (int done = 0; done < count; done += REGISTERING_AT_A_TIME) {
            List<CompletableFuture<FleetAccount>> batch = new ArrayList<>();
            for (int index = done; index < Math.min(count, done + REGISTERING_AT_A_TIME); index++) {
                batch.add(registerOne().whenComplete((account, failure) -> registered.run()));
            }
            batch.forEach(account -> accounts.add(join(account)));
        }
    }

    private CompletableFuture<FleetAccount> registerOne() {
        return Registration.register(transport, relay, Platform.LINUX, options).thenCompose(this::completeAccount);
    }

    /** Links companions to each account by QR code, then by one-time code; the others are put into its list. */
    void link(int byQr, int byCode, FleetLink.Watch watch) {
        linkedByQr = byQr;
        linkedByCode = byCode;
        linkWatch = watch;
    }

    private CompletableFuture<FleetAccount> completeAccount(DeviceKeys primary) {
        FleetDevice first = device(primary);
        return first.device().connect().thenCompose(welcome -> link(primary, first, List.of()));
    }

    private CompletableFuture<FleetAccount> link(DeviceKeys primary, FleetDevice first, List<DeviceKeys> linked) {
        if (linked.size() == linkedByQr + linkedByCode) {
            return putCompanions(primary, first, linked);
        }
        FleetLink next = new FleetLink(transport, relay, options, linkWatch);
        return (linked.size() < linkedByQr ? next.byQr(first.device()) : next.byCode(first))
                .thenCompose(keys -> link(
                        primary,
                        first,
                        Stream.concat(linked.stream(), Stream.of(keys)).toList()));
    }

    private CompletableFuture<FleetAccount> putCompanions(
            DeviceKeys primary, FleetDevice first, List<DeviceKeys> linked) {
        List<DeviceKeys> added = new ArrayList<>();
        for (int number = FIRST_COMPANION + linked.size(); number <= DEVICES; number++) {
            added.add(DeviceKeys.companion(primary.account(), number, random));
        }
        List<DeviceKeys> companions =
                Stream.concat(linked.stream(), added.stream()).toList();
        return first.device()
                .deviceList(primary.account())
                .thenApply(signed -> new KnownDeviceLists().learn(primary.account(), signed))
                .thenCompose(current -> added.isEmpty()
                        ? CompletableFuture.completedFuture(current)
                        : put(first, next(current, primary, added)))
                .thenCompose(list -> connectCompanions(first, companions, list));
    }

    private static CompletableFuture<DeviceList> put(FleetDevice first, DeviceList next) {
        return first.device().putDeviceList(next.signed()).thenApply(version -> next);
    }

    private static DeviceList next(DeviceList current, DeviceKeys primary, List<DeviceKeys> companions) {
        DeviceListDraft draft = DeviceListDraft.after(current);
        companions.forEach(companion -> draft.add(companion, Platform.LINUX));
        return DeviceList.parse(draft.sign(primary));
    }

    private CompletableFuture<FleetAccount> connectCompanions(
            FleetDevice first, List<DeviceKeys> companions, DeviceList list) {
        List<FleetDevice> devices = Stream.concat(
                        Stream.of(first), companions.stream().map(this::device))
                .toList();
        return allOf(devices.stream().map(one -> one.device().connect()))
                .thenApply(connected -> new FleetAccount(list, devices));
    }

    private FleetDevice device(DeviceKeys keys) {
        return new FleetDevice(transport, relay, keys, options, instruments);
    }

    /** The accounts registered so far. */
    List<FleetAccount> accounts() {
        return accounts;
    }

    /** All devices of all accounts. */
    List<FleetDevice> devices() {
        return accounts.stream().flatMap(account -> account.devices().stream()).toList();
    }

    /** Waits until every device is logged in; a {@link CommandFailure} if that takes more than 30 s. */
    void awaitConnected() {
        awaitConnected(Set.of());
    }

    /** As {@link #awaitConnected()}, but lets some stay away. */
    void awaitConnected(Set<FleetDevice> away) {
        try {
            join(allOf(devices().stream()
                            .filter(one -> !away.contains(one))
                            .map(one -> one.device().connect()))
                    .orTimeout(CONNECT_SECONDS, TimeUnit.SECONDS));
        } catch (CompletionException exception) {
            String reason = devices().stream()
                    .map(FleetDevice::lastDisconnection)
                    .filter(Objects::nonNull)
                    .map(Disconnection::message)
                    .findFirst()
                    .orElse("no reason is known");
            throw new CommandFailure("devices are not connected after " + CONNECT_SECONDS + " s: " + reason);
        }
    }

    /** Submissions that were sent again after a cut. */
    long repeated() {
        return devices().stream()
                .mapToLong(one -> join(one.device().repeated()))
                .sum();
    }

    /** Whether the relay has confirmed every acknowledgement. */
    boolean isSettled() {
        return devices().stream().allMatch(one -> join(one.device().isSettled()));
    }

    /** Envelopes that wait on the relay for devices that are logged in; waits until the relay has said so. */
    long awaitBacklog() {
        Await.until(
                BACKLOG_MILLIS,
                () -> devices().stream()
                        .allMatch(device -> device.backlogCount().isPresent()));
        return devices().stream()
                .mapToLong(device -> device.backlogCount().orElse(0))
                .sum();
    }

    private static CompletableFuture<Void> allOf(Stream<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }

    /** The result; what went wrong comes out as it is. */
    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException exception) {
            throw exception.getCause() instanceof RuntimeException cause ? cause : exception;
        }
    }

    @Override
    public void close() {
        devices().forEach(FleetDevice::close);
    }
}
