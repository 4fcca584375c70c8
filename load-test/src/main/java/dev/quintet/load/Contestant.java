package dev.quintet.load;

import dev.quintet.load.drive.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A server that takes part in a comparison.
 *
 * @param name what to call it
 * @param outlivesPowerCut whether what its sender was told is accepted is still there after a power cut
 * @param wire how it is spoken to
 * @param address where it listens
 * @param watch its process
 * @param process to be closed at the end
 * @param turns what was measured, in order
 */
record Contestant(
        String name,
        String outlivesPowerCut,
        Wire wire,
        InetSocketAddress address,
        ProcessWatch watch,
        AutoCloseable process,
        List<Turn> turns) {

    /**
     * One turn under one workload.
     *
     * @param workload its name
     * @param cpuMicros processor time of the server for one delivery
     * @param deliveredPerSecond envelopes
     * @param answerP50Micros latency of the answers
     * @param deliveryP50Micros and of the deliveries
     * @param deliveryP99Micros the same
     * @param stolenPercent of the machine's time that its host gave to others
     */
    record Turn(
            String workload,
            double cpuMicros,
            double deliveredPerSecond,
            double answerP50Micros,
            double deliveryP50Micros,
            double deliveryP99Micros,
            double stolenPercent) {
        String words() {
            return String.format(
                    Locale.ROOT,
                    "%-9s %8.2f µs of CPU each %11s delivered/s  answer p50 %8s  delivery p50 %8s p99 %8s  stolen %.1f %%",
                    workload,
                    cpuMicros,
                    Words.count(Math.round(deliveredPerSecond)),
                    Words.micros(Math.round(answerP50Micros)),
                    Words.micros(Math.round(deliveryP50Micros)),
                    Words.micros(Math.round(deliveryP99Micros)),
                    stolenPercent);
        }
    }

    Contestant(
            String name,
            String outlivesPowerCut,
            Wire wire,
            InetSocketAddress address,
            long pid,
            AutoCloseable process) {
        this(name, outlivesPowerCut, wire, address, new ProcessWatch(pid), process, new ArrayList<>());
    }

    /** The turns under this workload. */
    List<Turn> turns(String workload) {
        return turns.stream().filter(turn -> turn.workload.equals(workload)).toList();
    }
}
