package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchTest {
    private final Watch watch = new Watch(new Departures(Runnable::run, Runnable::run, ByteBufAllocator.DEFAULT));

    /** Notes what it hears. */
    private final class Noting implements Watched {
        private final List<String> heard = new ArrayList<>();
        private boolean isLeaving;

        @Override
        public void look(int tick) {
            heard.add("look " + tick);
            if (isLeaving) {
                watch.remove(this);
            }
        }

        @Override
        public void goAway() {
            heard.add("go away");
            watch.remove(this);
        }
    }

    private Noting added() {
        Noting added = new Noting();
        watch.add(added);
        return added;
    }

    @Test
    void looksOnceATickHoweverLongTheTickTook() {
        Noting one = added();
        watch.tick();
        watch.tick();
        assertThat(one.heard).containsExactly("look 1", "look 2");
        assertThat(watch.now()).isEqualTo(2);
    }

    @Test
    void letsWhatItLooksAtLeave() {
        Noting one = added();
        one.isLeaving = true;
        Noting other = added();
        watch.tick();
        watch.tick();
        assertThat(one.heard).containsExactly("look 1");
        assertThat(other.heard).hasSize(2);
    }

    @Test
    void isEmptyOnceAllHaveLeft() {
        assertThat(watch.isEmpty()).isTrue();
        Noting one = added();
        assertThat(watch.isEmpty()).isFalse();
        watch.remove(one);
        assertThat(watch.isEmpty()).isTrue();
    }

    @Test
    void tellsEverybodyToGoAlsoWhoComesLater() {
        Noting before = added();
        watch.goAway();
        Noting after = added();
        assertThat(before.heard).containsExactly("go away");
        assertThat(after.heard).containsExactly("go away");
        assertThat(watch.isEmpty()).isTrue();
    }
}
