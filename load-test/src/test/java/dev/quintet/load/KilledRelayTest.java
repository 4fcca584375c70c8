package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real relay process over TLS, killed with SIGKILL again and again under traffic, with the checker as judge.
 *
 * <p>{@code -Dquintet.kill.rounds=N} for more kills, {@code -Dquintet.kill.seed=N} to repeat one run's choices.
 */
@Timeout(120)
class KilledRelayTest {
    private static final DeviceOptions OPTIONS = DeviceOptions.DEFAULTS.withPauses(20, 200);
    private static final int ROUNDS = Integer.getInteger("quintet.kill.rounds", 3);
    private static final int WINDOW = 16;

    private final long seed = Long.getLong("quintet.kill.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final DeliveryChecker checker = new DeliveryChecker();

    @TempDir
    private Path folder;

    private RelayProcess relay;
    private ClientTransport transport;
    private Fleet fleet;

    @BeforeEach
    void start() {
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE);
        relay.start();
        transport = new ClientTransport();
        fleet = new Fleet(
                transport,
                relay.address(),
                OPTIONS,
                new Fleet.Instruments(new ChecksumParcel(200), checker, new FleetObserver() {}, Runnable::run));
        fleet.register(3, () -> {});
    }

    @AfterEach
    void stop() throws IOException {
        if (!relay.isAlive()) {
            System.err.println("the relay died: " + relay.lastWords());
        }
        fleet.close();
        transport.close();
        relay.close();
    }

    @Test
    void losesDuplicatesAndReordersNothingHoweverOftenItIsKilled() {
        FullTraffic traffic = new FullTraffic(fleet.devices(), fleet.accounts(), WINDOW);
        for (int round = 0; round < ROUNDS; round++) {
            FleetDevice away =
                    fleet.devices().get(random.nextInt(fleet.devices().size()));
            Fleet.join(away.device().disconnect());
            Sleep.millis(200 + random.nextInt(500));
            relay.kill();
            relay.start();
            fleet.awaitConnected();
        }
        Sleep.millis(200);
        traffic.close();
        Drain.await(checker, fleet);

        DeliveryReport report = checker.report();
        assertThat(report.isClean()).as("seed %s: %s", seed, report).isTrue();
        assertThat(report.accepted()).isPositive();
        assertThat(leftAfterANewLogin()).as("seed %s", seed).isZero();
    }

    @Test
    void isSeenToLoseWhatItsJournalForgot() throws Exception {
        FleetAccount to = fleet.accounts().get(1);
        FleetDevice sender = fleet.accounts().get(0).device(1);
        Fleet.join(to.device(5).device().disconnect());
        JournalTail tail = new JournalTail(folder.resolve("data"));
        Fleet.join(sender.send(to));
        Await.until(5_000, () -> checker.outstanding() == 1);
        relay.kill();
        tail.forget();
        relay.start();
        fleet.awaitConnected();
        Sleep.millis(300);

        DeliveryReport report = checker.report();
        assertThat(report.accepted()).isEqualTo(1);
        assertThat(report.lost()).isEqualTo(1);
        assertThat(report.isClean()).isFalse();
    }

    private long leftAfterANewLogin() {
        fleet.devices().forEach(device -> Fleet.join(device.device().disconnect()));
        fleet.awaitConnected();
        return fleet.awaitBacklog();
    }
}
