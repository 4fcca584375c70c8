package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.server.RunningRelay;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Five devices over five sockets, and one call. */
@Timeout(60)
class CallRaceTest {
    private static final int[] ALL = {1, 2, 3, 4, 5};
    private static final int ROUNDS = 40;

    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(
                Map.of("listen.event-loops", 3, "calls.offers", 1_000, "calls.ringing", 1_000));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    private static Submit.Builder offer(RawAccount callee, int... devices) {
        return RawDevice.submission(callee, devices)
                .setClass_(EnvelopeClass.CALL)
                .setCallOffer(true);
    }

    private static ClientFrame.Builder claim(ByteString id, RawAccount caller) {
        return ClientFrame.newBuilder()
                .setCallClaim(CallClaim.newBuilder()
                        .setEnvelopeId(id)
                        .setFromAccount(caller.id().toByteString())
                        .setFromDevice(1));
    }

    private static RecipientAnswer ask(RawDevice sender, Submit.Builder submit) {
        return sender.ask(RawDevice.frame(submit)).getSubmitAnswer().getAnswers(0);
    }

    /**
     * Each learns twice who has the call, by its answer and of the relay's own accord, but for the one that has it; the
     * caller learns it once.
     */
    @Test
    void givesEachCallToExactlyOneOfFiveDevicesAndTellsEveryone() throws Exception {
        List<RawDevice> callees = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(ALL.length);
        try (RawDevice caller = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            RawAccount alice = caller.register();
            RawAccount bob = primary.register();
            primary.putList(bob, 2, ALL);
            callees.add(primary);
            for (int device = 2; device <= ALL.length; device++) {
                callees.add(RawDevice.connect(relay).login(bob, device));
                callees.get(device - 1).read(ServerFrame::hasBacklogDelivered);
            }
            Set<Integer> winners = new HashSet<>();
            for (int round = 0; round < ROUNDS; round++) {
                Submit.Builder offer = offer(bob, ALL);
                assertThat(ask(caller, offer).getAccepted().getNobodyConnected())
                        .isFalse();
                winners.add(race(threads, callees, claim(offer.getEnvelopeId(), alice)));
                CallClaimed told = caller.read(ServerFrame::hasCallClaimed).getCallClaimed();
                assertThat(told.getEnvelopeId()).isEqualTo(offer.getEnvelopeId());
                assertThat(told.getAccount()).isEqualTo(bob.id().toByteString());
            }
            assertThat(winners).as("it is a race").hasSizeGreaterThan(1);
            assertThat(caller.isAlive()).isTrue();
        } finally {
            threads.shutdown();
            callees.forEach(RawDevice::close);
        }
    }

    /** All claim at once; answers who has the call, on which all agree. */
    private static int race(ExecutorService threads, List<RawDevice> callees, ClientFrame.Builder claim)
            throws ExecutionException, InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        byte[] bytes = RawDevice.bytes(claim.setRequestId(77));
        List<Future<List<ServerFrame>>> racing = new ArrayList<>();
        for (RawDevice callee : callees) {
            racing.add(threads.submit(() -> {
                callee.read(ServerFrame::hasDeliver);
                start.await();
                callee.send(bytes);
                return heard(callee);
            }));
        }
        start.countDown();
        Set<Integer> winners = new HashSet<>();
        int toldOnce = 0;
        for (int index = 0; index < callees.size(); index++) {
            List<ServerFrame> heard = racing.get(index).get();
            heard.forEach(frame -> winners.add(frame.getCallClaimed().getDevice()));
            boolean hasWon = heard.get(0).getCallClaimed().getDevice() == index + 1;
            toldOnce += hasWon ? 1 : 0;
            assertThat(heard).hasSize(hasWon ? 1 : 2);
        }
        assertThat(winners).hasSize(1);
        assertThat(toldOnce).isEqualTo(1);
        return winners.iterator().next();
    }

    /** What a device hears of the call up to the answer to a ping that follows both. */
    private static List<ServerFrame> heard(RawDevice callee) {
        List<ServerFrame> heard = new ArrayList<>();
        callee.read(frame -> frame.hasCallClaimed() && heard.add(frame) && frame.getRequestId() == 77);
        callee.send(RawDevice.ping(3));
        callee.read(frame -> frame.hasCallClaimed() && heard.add(frame) || frame.hasPong());
        return heard;
    }

    @Test
    void answersThatACallIsGoneWhenItIsForeignOrUnknownAndNothingIsHeardOfIt() {
        try (RawDevice caller = RawDevice.connect(relay);
                RawDevice callee = RawDevice.connect(relay);
                RawDevice stranger = RawDevice.connect(relay)) {
            RawAccount alice = caller.register();
            RawAccount bob = callee.register();
            stranger.register();
            Submit.Builder offer = offer(bob, 1);
            ask(caller, offer);

            ServerFrame foreign = stranger.ask(claim(offer.getEnvelopeId(), alice));
            ServerFrame unknown = callee.ask(claim(RawDevice.randomId(), alice));

            for (ServerFrame answer : List.of(foreign, unknown)) {
                assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.CALL_GONE);
                assertThat(answer.getError().getClosing()).isFalse();
                assertThat(answer.getError().getRetryAfterMillis()).isZero();
            }
            assertThat(callee.ask(claim(offer.getEnvelopeId(), alice)).hasCallClaimed())
                    .isTrue();
        }
    }

    @Test
    void tellsTheCallerThatNobodyIsThereAndNeverDeliversItLater() {
        try (RawDevice caller = RawDevice.connect(relay)) {
            caller.register();
            RawAccount bob = registerAndLeave();
            try (RawDevice again = awaitAbsence(caller, bob)) {
                again.send(RawDevice.ping(9));
                ServerFrame next = again.read(frame -> frame.hasDeliver() || frame.hasPong());
                assertThat(next.hasPong()).isTrue();
            }
        }
    }

    private static RawAccount registerAndLeave() {
        try (RawDevice callee = RawDevice.connect(relay)) {
            RawAccount account = callee.register();
            callee.putList(account, 2, 1, 2);
            return account;
        }
    }

    /** Offers until the relay has noticed that nobody is there any more; then the device comes back. */
    private static RawDevice awaitAbsence(RawDevice caller, RawAccount callee) {
        for (int tries = 0; tries < 200; tries++) {
            if (ask(caller, offer(callee, 1, 2)).getAccepted().getNobodyConnected()) {
                return RawDevice.connect(relay).login(callee, 1);
            }
        }
        throw new AssertionError("a device that has left is still taken for connected");
    }
}
