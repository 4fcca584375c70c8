package dev.quintet.relay.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.store.StoreConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A relay in which anything happens in any order: submissions and their repetitions, connections that come, go, stall
 * and acknowledge, commits, checkpoints, full disks, time, and power cuts. In the end all that was accepted must have
 * come to every device once, in order.
 */
final class RandomWalk {
    private static final int STEPS = 150;
    private static final int SHORT_SECONDS = 2;

    private final SplittableRandom random;
    private final Rooms rooms;
    private final List<WalkingDevice> devices = new ArrayList<>();
    private final List<FakeSender> senders = new ArrayList<>();
    private final Map<EnvelopeId, Sent> sent = new LinkedHashMap<>();
    private final Set<EnvelopeId> uncommitted = new HashSet<>();
    private final TestAccount[] accounts;
    private long nextNumber = 1;

    RandomWalk(long seed, TestJournal journal) {
        random = new SplittableRandom(seed);
        MailboxLimits limits = new MailboxLimits(
                random.nextInt(3, 40),
                random.nextInt(200, 4_000),
                random.nextInt(1, 8),
                random.nextInt(50, 600),
                random.nextInt(100, 5_000));
        StoreConfig store =
                new StoreConfig(1 << 20, 1 << 20, 32, random.nextInt(1, 20_000), 1_000, 1, 1_000, 1 << 20, 60_000);
        rooms = new Rooms(2, limits, store, journal);
        accounts = new TestAccount[] {rooms.account(1, 3), rooms.account(2, 2)};
        addDevices(accounts[0], 3);
        addDevices(accounts[1], 2);
        senders.add(new FakeSender(accounts[0], 1));
        senders.add(new FakeSender(accounts[0], 2));
        senders.add(new FakeSender(accounts[1], 1));
    }

    private void addDevices(TestAccount account, int count) {
        for (int device = 1; device <= count; device++) {
            devices.add(new WalkingDevice(this, account, device));
        }
    }

    /** One submission to one account, and what was answered so far. */
    final class Sent {
        private final int sender;
        private final TestAccount recipient;
        private final int[] to;
        private final int bytes;
        private final int timeToLiveSeconds;
        private final EnvelopeId id;
        private RecipientAnswer.Builder accepted;
        private long acceptedAtMillis;

        private Sent(int sender, TestAccount recipient, int bytes, int timeToLiveSeconds) {
            this.sender = sender;
            this.recipient = recipient;
            this.bytes = bytes;
            this.timeToLiveSeconds = timeToLiveSeconds;
            this.to = devices.stream()
                    .filter(device -> device.account == recipient)
                    .mapToInt(device -> device.device)
                    .filter(device -> !recipient.id().equals(senders.get(sender).account())
                            || device != senders.get(sender).device())
                    .toArray();
            this.id = Rooms.envelopeId(sender, nextNumber++);
        }

        int bytes() {
            return bytes;
        }

        void checkAcceptedAt(long millis) {
            if (acceptedAtMillis != 0) {
                assertThat(millis).as("accepted again at another time").isEqualTo(acceptedAtMillis);
            }
            acceptedAtMillis = millis;
        }

        private long submit() {
            return rooms.submitOnly(
                    senders.get(sender),
                    Rooms.submission(recipient, id, bytes, to).setTimeToLiveSeconds(timeToLiveSeconds));
        }

        private void answered(RecipientAnswer answer) {
            if (!answer.hasAccepted()) {
                assertThat(answer.hasError()).as(answer.toString()).isTrue();
                return;
            }
            assertThat(uncommitted).as("accepted before it was on disk").doesNotContain(id);
            checkAcceptedAt(answer.getAccepted().getAcceptedAtMillis());
            if (accepted != null) {
                assertThat(answer).as("another answer").isEqualTo(accepted.build());
            }
            accepted = answer.toBuilder();
        }

        private boolean isFull(int device) {
            return accepted.getAccepted().getFullDevicesList().contains(device);
        }
    }

    private final Map<Long, Sent> requests = new LinkedHashMap<>();

    Rooms rooms() {
        return rooms;
    }

    boolean isUncommitted(EnvelopeId id) {
        return uncommitted.contains(id);
    }

    Sent sent(EnvelopeId id) {
        return sent.get(id);
    }

    /** Walks, and checks at the end that everything has arrived. */
    void run() {
        try {
            for (int step = 0; step < STEPS; step++) {
                step();
                readAnswers();
            }
            finish();
        } finally {
            rooms.release();
        }
    }

    private void step() {
        switch (random.nextInt(21)) {
            case 0, 1, 2, 3, 4 -> submit();
            case 5 -> repeat();
            case 6, 7, 8 -> acknowledge();
            case 9 -> connect();
            case 10 -> disconnect();
            case 11 -> unstall();
            case 12, 13 -> commit();
            case 14 -> rooms.checkpointOnly();
            case 15 -> rooms.runSome(random, random.nextInt(10));
            case 16 -> restartSeldom();
            case 17 -> rooms.pass(random.nextInt(SHORT_SECONDS * 1000));
            case 18 -> refuseSometimes();
            case 19 -> rooms.sweepOnly();
            default -> rooms.run();
        }
    }

    private void submit() {
        int sender = random.nextInt(senders.size());
        TestAccount recipient = accounts[random.nextInt(accounts.length)];
        int timeToLiveSeconds = random.nextInt(4) == 0 ? SHORT_SECONDS : 0;
        Sent made = new Sent(sender, recipient, random.nextInt(1, 300), timeToLiveSeconds);
        sent.put(made.id, made);
        uncommitted.add(made.id);
        requests.put(made.submit(), made);
    }

    private void repeat() {
        List<Sent> all = List.copyOf(sent.values());
        if (!all.isEmpty()) {
            Sent again = all.get(random.nextInt(all.size()));
            requests.put(again.submit(), again);
        }
    }

    private WalkingDevice anyDevice() {
        return devices.get(random.nextInt(devices.size()));
    }

    private void acknowledge() {
        WalkingDevice device = anyDevice();
        if (device.isConnected() && !device.connection().received().isEmpty()) {
            List<Long> delivered = device.connection().sequences();
            device.acknowledge(delivered.get(random.nextInt(delivered.size())));
        }
    }

    private void connect() {
        anyDevice().connect(random.nextInt(12));
    }

    private void disconnect() {
        WalkingDevice device = anyDevice();
        if (device.isConnected()) {
            device.disconnect();
        }
    }

    private void unstall() {
        WalkingDevice device = anyDevice();
        if (device.isConnected()) {
            device.connection().setWritable(random.nextInt(20));
            rooms.pump(device.account, device.device);
        }
    }

    private void commit() {
        if (random.nextBoolean()) {
            rooms.run();
        }
        rooms.commitOnly();
        uncommitted.clear();
    }

    private void restartSeldom() {
        if (random.nextInt(3) == 0) {
            restart();
        }
    }

    private void restart() {
        rooms.restart();
        devices.forEach(WalkingDevice::cutOff);
    }

    private void refuseSometimes() {
        long[] answers = {0, 0, 0, Journal.OVERLOADED, Journal.NO_SPACE};
        rooms.journal().refuse(answers[random.nextInt(answers.length)]);
    }

    private void readAnswers() {
        for (FakeSender sender : senders) {
            sender.answers().forEach((request, answer) -> requests.get(request).answered(answer.getAnswers(0)));
            sender.answers().clear();
        }
    }

    private void finish() {
        rooms.journal().refuse(0);
        restart();
        uncommitted.clear();
        drain();
        sent.values().stream().filter(each -> each.accepted == null).forEach(each -> requests.put(each.submit(), each));
        drain();
        sent.values()
                .forEach(each -> assertThat(each.accepted).as("never accepted").isNotNull());
        devices.forEach(this::checkArrived);
        rooms.checkpoint();
        assertThat(rooms.rowCount("envelopes"))
                .as("rows of what was acknowledged")
                .isZero();
        assertThat(rooms.hotBytes()).as("memory of what was acknowledged").isZero();
        devices.forEach(this::checkEmpty);
        rooms.run();
        rooms.assertFramesReleased();
    }

    /** Every device connects and takes all that waits. */
    private void drain() {
        rooms.run();
        rooms.commit();
        for (WalkingDevice device : devices) {
            if (!device.isConnected()) {
                device.connect(Integer.MAX_VALUE);
            }
            rooms.run();
            rooms.commit();
            long before = -1;
            List<Long> delivered = device.connection().sequences();
            while (!delivered.isEmpty() && delivered.get(delivered.size() - 1) != before) {
                before = delivered.get(delivered.size() - 1);
                device.acknowledge(before);
                rooms.commit();
                delivered = device.connection().sequences();
            }
            assertThat(device.connection().events()).contains("backlogDelivered");
        }
        readAnswers();
    }

    private void checkEmpty(WalkingDevice device) {
        assertThat(rooms.connect(device.account, device.device).backlog())
                .isEqualTo(new FakeSubscriber.SaidBacklog(0, 0, 0));
    }

    private void checkArrived(WalkingDevice device) {
        long missing = 0;
        long refused = 0;
        for (Sent each : sent.values()) {
            if (each.recipient != device.account || Arrays.stream(each.to).noneMatch(to -> to == device.device)) {
                continue;
            }
            if (each.isFull(device.device)) {
                refused++;
                assertThat(device.hasReceived(each.id))
                        .as("refused and delivered")
                        .isFalse();
            } else if (!device.hasReceived(each.id)) {
                missing++;
                assertThat(each.timeToLiveSeconds).as("lost " + each.id).isEqualTo(SHORT_SECONDS);
            }
        }
        assertThat(device.lost(GapReason.EXPIRED)).as("announced as expired").isEqualTo(missing);
        assertThat(device.lost(GapReason.MAILBOX_FULL))
                .as("announced as refused")
                .isEqualTo(refused);
        assertThat(device.lost(GapReason.DAMAGED)).as("announced as damaged").isZero();
    }
}
