package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.account.LinkAlerts;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.FileDisk;
import dev.quintet.relay.journal.FileJournal;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.journal.JournalEnvironment;
import dev.quintet.relay.journal.Partitions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Registrations written straight into the journal of a relay that does not run, a hundred times as fast as devices could
 * register. A relay that starts on it folds them like any others.
 *
 * <p>Keys and signatures are random bytes, of which each account has its own: what is stored is not verified again.
 *
 * <p><b>Thread:</b> one that may block.
 */
final class SleepingAccounts {
    private static final int DEVICES = 5;
    private static final long FULL_RING_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Random random;

    /** Accounts drawn from {@code seed}. */
    SleepingAccounts(long seed) {
        random = new Random(seed);
    }

    /** Appends so many registrations to the journal in {@code data}, where a relay has been before. */
    void append(Path data, int count) {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (FileJournal journal = FileJournal.open(
                JournalConfig.keepingAll(),
                new JournalEnvironment(
                        new FileDisk(data.resolve("journal")),
                        background,
                        System::nanoTime,
                        random,
                        new SimpleMeterRegistry(),
                        SleepingAccounts::failed))) {
            journal.start(Thread::new);
            for (int index = 0; index < count; index++) {
                append(journal, new AccountId(random.nextLong(), random.nextLong()));
            }
        } catch (IOException exception) {
            failed(exception);
        } finally {
            background.shutdown();
        }
    }

    private static void failed(Throwable failure) {
        throw new CommandFailure("the accounts cannot be written: " + failure.getMessage());
    }

    private void append(FileJournal journal, AccountId account) {
        ByteBuf entry = Unpooled.buffer();
        byte[] list = list(account).toByteArray();
        DeviceListEntry.write(entry, account, System.currentTimeMillis(), List.of(), LinkAlerts.NONE.toBytes(), list);
        while (journal.append(Partitions.of(account), EntryType.DEVICE_LIST, entry) < 0) {
            LockSupport.parkNanos(FULL_RING_NANOS);
        }
    }

    private SignedDeviceList list(AccountId account) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(account.toByteString())
                .setVersion(1)
                .setAccountKey(bytes(Ed25519Key.BYTES));
        for (int number = 1; number <= DEVICES; number++) {
            content.addDevices(ListedDevice.newBuilder()
                    .setDevice(number)
                    .setIdentityKey(bytes(Ed25519Key.BYTES))
                    .setRegistrationId(1 + random.nextInt(Integer.MAX_VALUE))
                    .setRole(number == 1 ? Role.PRIMARY : Role.COMPANION)
                    .setPlatform(Platform.OTHER));
        }
        return SignedDeviceList.newBuilder()
                .setContent(content.build().toByteString())
                .setSignature(bytes(Ed25519Key.SIGNATURE_BYTES))
                .build();
    }

    private ByteString bytes(int count) {
        byte[] drawn = new byte[count];
        random.nextBytes(drawn);
        return ByteString.copyFrom(drawn);
    }
}
