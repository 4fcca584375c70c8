package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Which transport is used, what is tried first, and what is said if it does not work. */
@Timeout(60)
class TransportTest {
    private static final int PATIENT_MILLIS = 10_000;
    private static final int HASTY_MILLIS = 300;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Transport.class);

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(log);
    }

    private List<String> said() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    // Choosing

    @ParameterizedTest
    @EnumSource
    void isUsedWithoutAWordIfItWorks(Transport transport) {
        assertThat(transport.orFallBack(each -> Optional.empty())).isSameAs(transport);
        assertThat(said()).isEmpty();
    }

    @Test
    void fallsBackToEpollAndSaysWhyAndWhatToDo() {
        Map<Transport, String> broken = Map.of(Transport.IO_URING, "no rings today");

        assertThat(Transport.IO_URING.orFallBack(each -> Optional.ofNullable(broken.get(each))))
                .isSameAs(Transport.EPOLL);
        assertThat(said())
                .singleElement()
                .asString()
                .contains("io-uring does not work here", "no rings today")
                .contains("kernel.io_uring_disabled = 0", "with listen.transport = epoll");
    }

    @Test
    void fallsBackToNioWhereThereIsNoEpollEither() {
        Map<Transport, String> broken = Map.of(Transport.IO_URING, "no rings", Transport.EPOLL, "no library");

        assertThat(Transport.IO_URING.orFallBack(each -> Optional.ofNullable(broken.get(each))))
                .isSameAs(Transport.NIO);
        assertThat(said()).hasSize(2).last().asString().contains("epoll does not work here, trying nio: no library");
    }

    @Test
    void isEpollWhereItsLibraryLoadsElseNio() {
        assertThat(Transport.EPOLL.orFallBack(1)).isSameAs(Epoll.isAvailable() ? Transport.EPOLL : Transport.NIO);
    }

    // Trying

    @ParameterizedTest
    @EnumSource
    void answersOnThisMachineOrSaysWhyNot(Transport transport) {
        boolean isHere = switch (transport) {
            case IO_URING -> IoUring.isAvailable();
            case EPOLL -> Epoll.isAvailable();
            case NIO -> true;
        };

        assertThat(transport.whyNot(2).isEmpty()).isEqualTo(isHere);
        if (isHere) {
            assertThat(probe(transport.handlers(), PATIENT_MILLIS, transport)).isEmpty();
        }
    }

    @Test
    void saysWhyNoLoopOpens() {
        IoHandlerFactory refused = executor -> {
            throw new IllegalStateException("a ring", new IOException("Operation not permitted"));
        };

        assertThat(probe(refused, PATIENT_MILLIS, Transport.NIO))
                .hasValue("opening 1 event loops: Operation not permitted");
    }

    @Test
    void saysThatASocketIsNotForTheseLoops() {
        assertThat(probe(NioIoHandler.newFactory(), PATIENT_MILLIS, Transport.EPOLL)
                        .orElseThrow())
                .startsWith("opening a socket: ");
    }

    @Test
    void saysThatNothingComesBackFromLoopsThatNeverLook() {
        IoHandlerFactory blind = executor -> new Blind(NioIoHandler.newFactory().newHandler(executor));

        assertThat(probe(blind, HASTY_MILLIS, Transport.NIO)).hasValue("asking for a few bytes: Read timed out");
    }

    @Test
    void givesUpOnLoopsThatHang() {
        IoHandlerFactory hanging =
                executor -> new Hanging(NioIoHandler.newFactory().newHandler(executor));

        assertThat(probe(hanging, HASTY_MILLIS, Transport.NIO))
                .hasValue("opening a socket took more than " + HASTY_MILLIS + " ms");
    }

    private static Optional<String> probe(IoHandlerFactory handlers, int waitMillis, Transport sockets) {
        return new TransportProbe(handlers, sockets.listener(), 1, waitMillis).whyNot();
    }

    /** Takes sockets and runs tasks, but never asks the kernel what has come. */
    private static class Blind implements IoHandler {
        private final IoHandler seeing;

        Blind(IoHandler seeing) {
            this.seeing = seeing;
        }

        @Override
        public int run(IoHandlerContext context) {
            LockSupport.parkNanos(1_000_000);
            return 0;
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return seeing.register(handle);
        }

        @Override
        public void destroy() {
            seeing.destroy();
        }

        @Override
        public void wakeup() {
            // It is never asleep for long.
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return seeing.isCompatible(type);
        }
    }

    /** Comes back from the kernel only after the probe has given up. */
    private static final class Hanging extends Blind {
        Hanging(IoHandler seeing) {
            super(seeing);
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            Thread.sleep(4L * HASTY_MILLIS);
            return super.register(handle);
        }
    }
}
