package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the kernel says of the machine's processors. */
class MachineTimeTest {
    @Test
    void knowsWhatPartWasStolen() {
        MachineTime before = MachineTime.parse("cpu  100 0 50 800 10 0 20 20 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
        MachineTime after = MachineTime.parse("cpu  150 0 70 810 10 0 20 40 9 0\n");

        assertThat(before).isEqualTo(new MachineTime(1_000, 20));
        assertThat(after.stolenPercentSince(before)).isEqualTo(20);
        assertThat(before.stolenPercentSince(before)).isZero();
    }

    @Test
    void knowsOfNothingStolenWhereTheKernelDoesNotSay() {
        MachineTime before = MachineTime.parse("cpu  1 2 3 4");

        assertThat(before).isEqualTo(new MachineTime(10, 0));
        assertThat(MachineTime.parse("")).isEqualTo(new MachineTime(0, 0));
    }

    @Test
    void readsThisMachine() {
        assertThat(MachineTime.now().ticks()).isPositive();
    }
}
