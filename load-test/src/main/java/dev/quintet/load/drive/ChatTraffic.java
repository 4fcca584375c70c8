package dev.quintet.load.drive;

import dev.quintet.protocol.wire.EnvelopeClass;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A model of people who write to each other.
 *
 * <p>Each account writes from its first device. It has some contacts, and writes to the n-th of them with a frequency of
 * 1/n (Zipf); accounts differ in the same way. Of each message its own other devices get a copy (class SYNC). Half of the messages are announced by typing, which is ephemeral. Sizes
 * are log-normal around 400 bytes, from 100 bytes to 64 KiB. The first device of the recipient answers each message with
 * a receipt of 100 bytes. Of an account's other devices some are connected, and from time to time one of them leaves
 * and another one comes.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class ChatTraffic implements Traffic {
    private static final int CONTACTS = 20;
    private static final int SMALLEST_BYTES = 100;
    private static final int LARGEST_BYTES = 64 << 10;
    private static final double MEDIAN_BYTES = 400;
    private static final double SPREAD = 1.3;
    private static final double TYPING_SHARE = 0.5;
    private static final long COMING_MILLIS = 2_000;

    private static final Letter RECEIPT = Letter.kept(SMALLEST_BYTES, EnvelopeClass.RECEIPT_VALUE);
    private static final Letter TYPING = Letter.ephemeral(SMALLEST_BYTES, EnvelopeClass.TYPING_VALUE);

    private final Driver driver;
    private final Random random;
    private final List<DriveAccount> accounts;
    private final double[] activity;
    private final double[] closeness;
    private final Schedule messages;
    private final Schedule changes;

    /**
     * Two accounts at least, whose first devices send.
     *
     * @param messagesPerSecond of all accounts together, receipts not counted
     * @param changesPerSecond how often a device leaves and another one of its account comes
     */
    public ChatTraffic(Driver driver, List<DriveAccount> accounts, double messagesPerSecond, double changesPerSecond) {
        this.driver = driver;
        this.accounts = accounts;
        random = driver.random();
        activity = Zipf.cumulative(accounts.size());
        closeness = Zipf.cumulative(Math.min(CONTACTS, accounts.size() - 1));
        messages = new Schedule(driver.loop(), random, messagesPerSecond, this::write);
        changes = new Schedule(driver.loop(), random, changesPerSecond, this::change);
    }

    @Override
    public void start() {
        messages.start();
        changes.start();
    }

    private void write(long intendedNanos) {
        int writer = Zipf.draw(activity, random);
        DriveSender sender = accounts.get(writer).device(1).sender();
        Audience to = contact(writer, Zipf.draw(closeness, random)).audience();
        if (random.nextDouble() < TYPING_SHARE) {
            sender.submit(to, intendedNanos, TYPING);
        }
        int bytes = size();
        sender.submit(to, intendedNanos, Letter.message(bytes));
        copyToItsOwn(sender, intendedNanos, bytes);
    }

    /** The writer's other devices show what it has written. */
    private static void copyToItsOwn(DriveSender sender, long intendedNanos, int bytes) {
        DriveAccount own = sender.device().account();
        if (own.devices().size() > 1) {
            sender.submit(own.audience(), intendedNanos, Letter.kept(bytes, EnvelopeClass.SYNC_VALUE));
        }
    }

    /** The n-th contact of an account: always the same, and never itself. */
    private DriveAccount contact(int writer, int rank) {
        int others = accounts.size() - 1;
        int step = (int) ((writer * 31L + rank * 7_919L) % others);
        return accounts.get((writer + 1 + step) % accounts.size());
    }

    private int size() {
        double bytes = MEDIAN_BYTES * Math.exp(SPREAD * random.nextGaussian());
        return (int) Math.max(SMALLEST_BYTES, Math.min(LARGEST_BYTES, bytes));
    }

    private void change(long intendedNanos) {
        List<DriveDevice> devices =
                accounts.get(random.nextInt(accounts.size())).devices();
        IntStream.range(1, devices.size())
                .mapToObj(devices::get)
                .filter(DriveDevice::isConnected)
                .findAny()
                .ifPresent(leaving -> replace(leaving, devices));
    }

    private void replace(DriveDevice leaving, List<DriveDevice> devices) {
        List<DriveDevice> away = devices.stream()
                .filter(device -> !device.isWanted() && device.keys() != null)
                .toList();
        driver.goAway(leaving);
        driver.returnAfter(away.isEmpty() ? leaving : away.get(random.nextInt(away.size())), COMING_MILLIS);
    }

    @Override
    public void delivered(DriveDevice device, DriveDevice from, int envelopeClass) {
        if (device.number() == 1 && envelopeClass == EnvelopeClass.MESSAGE_VALUE) {
            device.sender().submit(from.account().audience(), System.nanoTime(), RECEIPT);
        }
    }

    @Override
    public void stop() {
        messages.stop();
        changes.stop();
    }
}
