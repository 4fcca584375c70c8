package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The leak check's own negative control: it must see a buffer that is lost, and none that is released. */
class LeakCheckTest {
    @Test
    void everyBufferIsWatched() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    @Test
    void seesALostBuffer() throws InterruptedException {
        lose();
        List<String> reports = new ArrayList<>();
        for (int round = 0; round < 100 && reports.isEmpty(); round++) {
            reports.addAll(LeakCheck.takeReports());
            Thread.sleep(10);
        }
        assertThat(reports).singleElement().asString().contains("LeakCheckTest.lose");
    }

    @Test
    void keepsQuietAboutAReleasedBuffer() {
        Unpooled.directBuffer(64).release();
        assertThat(LeakCheck.takeReports()).isEmpty();
    }

    private static void lose() {
        ByteBuf lost = Unpooled.directBuffer(64);
        lost.writeByte(1);
    }
}
