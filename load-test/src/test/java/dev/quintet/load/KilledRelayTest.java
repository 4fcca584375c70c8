package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

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

    private FleetAtRelay house;
    private Fleet fleet;

    @BeforeEach
    void start() {
        house = new FleetAtRelay(folder, OPTIONS, checker, 3);
        fleet = house.fleet();
    }

    @AfterEach
    void stop() throws IOException {
        house.close();
    }

    @Test
    void losesDuplicatesAndReordersNothingHoweverOftenItIsKilled() {
        FullTraffic traffic = new FullTraffic(fleet.devices(), fleet.accounts(), WINDOW);
        for (int round = 0; round < ROUNDS; round++) {
            FleetDevice away =
                    fleet.devices().get(random.nextInt(fleet.devices().size()));
            Fleet.join(away.device().disconnect());
            Sleep.millis(200 + random.nextInt(500));
            house.killRelay();
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
        house.relay().kill();
        tail.forget();
        house.relay().start();
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
