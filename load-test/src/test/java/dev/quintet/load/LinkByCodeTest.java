package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkCode;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkFailedException;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.client.LinkKnock;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.wire.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A new device asks by handle, and the two meet over a one-time code at a real relay, whose operator listens in. */
@Timeout(120)
class LinkByCodeTest {
    private static final long PATIENCE_SECONDS = 20;
    private static final long SILENCE_MILLIS = 500;

    @TempDir
    private static Path folder;

    private static TappedRelay relay;
    private static int accounts;

    private RelayAddress address;
    private Door door;
    private PrimaryAtRelay primary;
    private Handle handle;

    @BeforeAll
    static void start() throws Exception {
        relay = new TappedRelay(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
    }

    @BeforeEach
    void register() {
        address = relay.address();
        door = new Door();
        primary = new PrimaryAtRelay(address, door);
        handle = Handle.of("+44770090000" + ++accounts);
        Fleet.join(primary.device().putHandle(handle.text()));
    }

    private void connect() {
        door = new Door();
        primary.connect(address, door);
    }

    @AfterEach
    void leave() {
        primary.close();
    }

    /** The primary's ears. */
    private static final class Door extends FirstConnection {
        private final BlockingQueue<LinkKnock> knocks = new LinkedBlockingQueue<>();

        @Override
        public void linkRequested(LinkKnock knock) {
            knocks.add(knock);
        }

        LinkKnock next() throws InterruptedException {
            return knocks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The new device's screen: hands the tries that are left to the test. */
    private static final class Prompt implements LinkDisplay {
        private final CompletableFuture<Long> asked = new CompletableFuture<>();
        private final BlockingQueue<Integer> triesLeft = new LinkedBlockingQueue<>();

        @Override
        public void asked(long remainingMillis) {
            asked.complete(remainingMillis);
        }

        @Override
        public void enterCode(int left) {
            triesLeft.add(left);
        }

        int next() throws InterruptedException {
            return triesLeft.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void store(DeviceKeys stored) {}
    }

    private NewDevice ask(Prompt prompt) {
        return NewDevice.openByHandle(
                primary.transport(), address, handle, Platform.LINUX, "laptop", DeviceOptions.DEFAULTS, prompt);
    }

    private static LinkCode other(LinkCode code) {
        return LinkCode.parse(
                code.characters().startsWith("0")
                        ? "1" + code.characters().substring(1)
                        : "0" + code.characters().substring(1));
    }

    private static void assertFails(NewDevice device, Kind kind) {
        assertThatThrownBy(() -> Fleet.join(device.linked()))
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind));
    }

    @Test
    void linksADeviceOnWhichTheCodeIsTypedAndTheOperatorSeesNeitherCodeNorKey() throws Exception {
        Prompt prompt = new Prompt();
        NewDevice device = ask(prompt);
        LinkKnock knock = door.next();
        assertThat(knock.name()).isEqualTo("laptop");
        assertThat(knock.platform()).isEqualTo(Platform.LINUX);
        assertThat(knock.network()).isEqualTo("127.0.0.0/24");
        CompletableFuture<LinkRequest> proved = knock.accept();
        assertThat(prompt.next()).isEqualTo(3);
        device.enter(LinkCode.parse(knock.code().text().toLowerCase()));
        DeviceList list = Fleet.join(Fleet.join(proved).approve());
        DeviceKeys linked = Fleet.join(device.linked());

        assertThat(list.device(linked.device()).identityKey())
                .isEqualTo(linked.identity().publicKey());
        assertThat(primary.listVersionSeenBy(linked)).isEqualTo(2);
        assertThat(relay.hasSeen(handle.toBytes())).isTrue();
        assertThat(relay.hasSeen(linked.identity().publicKey().toBytes())).isTrue();
        assertThat(relay.hasSeen(knock.code().characters().getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
        assertThat(relay.hasSeen(knock.code().text().getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
    }

    @Test
    void takesTheRightCodeAtTheThirdTry() throws Exception {
        Prompt prompt = new Prompt();
        NewDevice device = ask(prompt);
        LinkKnock knock = door.next();
        CompletableFuture<LinkRequest> proved = knock.accept();
        for (int left = 3; left > 1; left--) {
            assertThat(prompt.next()).isEqualTo(left);
            device.enter(other(knock.code()));
        }
        assertThat(prompt.next()).isOne();
        device.enter(knock.code());
        Fleet.join(Fleet.join(proved).approve());
        assertThat(Fleet.join(device.linked()).device()).isEqualTo(2);
    }

    @Test
    void linksNothingAfterThreeWrongCodesAndTellsTheOwner() throws Exception {
        Prompt prompt = new Prompt();
        NewDevice device = ask(prompt);
        LinkKnock knock = door.next();
        CompletableFuture<LinkRequest> proved = knock.accept();
        for (int left = 3; left > 0; left--) {
            assertThat(prompt.next()).isEqualTo(left);
            device.enter(other(knock.code()));
        }
        assertFails(device, Kind.WRONG_CODE);
        assertThatThrownBy(() -> Fleet.join(proved))
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.WRONG_CODE));
        assertThat(primary.list().version()).isEqualTo(1);
    }

    @Test
    void endsWhenThePrimaryRefuses() throws Exception {
        NewDevice device = ask(new Prompt());
        door.next().refuse();
        assertFails(device, Kind.REFUSED);
        assertThat(primary.list().version()).isEqualTo(1);
    }

    @Test
    void asksAPrimaryThatComesLaterAndNotForAnUnknownHandle() throws Exception {
        primary.device().close();
        Prompt known = new Prompt();
        NewDevice device = ask(known);
        Fleet.join(known.asked);
        handle = Handle.of("nobody");
        Prompt unknown = new Prompt();
        NewDevice lost = ask(unknown);
        assertThat(Fleet.join(unknown.asked)).isBetween(Fleet.join(known.asked) - 5_000, Fleet.join(known.asked));
        connect();
        LinkKnock knock = door.next();
        knock.accept();
        assertThat(known.next()).isEqualTo(3);
        assertThat(unknown.triesLeft).isEmpty();
        assertThat(lost.linked()).isNotDone();
        device.cancel();
        lost.cancel();
    }

    @Test
    void tellsThePrimaryThatTheNewDeviceWentAway() throws Exception {
        NewDevice device = ask(new Prompt());
        LinkKnock knock = door.next();
        CompletableFuture<LinkRequest> proved = knock.accept();
        device.cancel();
        assertThatThrownBy(() -> Fleet.join(proved)).isInstanceOf(RuntimeException.class);
        Fleet.join(knock.ended());
    }

    /** Three requests, kill -9, two more, kill -9; the sixth is not heard. */
    @Test
    void countsFiveRequestsInAnHourOverKills() throws Exception {
        // Nobody listens in here: a wiretap does not outlive what it taps.
        primary.device().close();
        address = relay.relay().address();
        connect();
        int heard = 0;
        for (int request = 1; request <= 6; request++) {
            Prompt prompt = new Prompt();
            NewDevice device = ask(prompt);
            Fleet.join(prompt.asked);
            LinkKnock knock = request <= 5 ? door.next() : door.knocks.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS);
            heard += knock == null ? 0 : 1;
            device.cancel();
            if (request == 3 || request == 5) {
                relay.relay().kill();
                relay.relay().start();
                primary.device().close();
                connect();
            }
        }
        assertThat(heard).isEqualTo(5);
    }
}
