package dev.quintet.load.report;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One second of a load.
 *
 * @param second since the load began
 * @param accepted submissions that were accepted in it, per second
 * @param delivered envelopes that came, per second
 * @param answerP50Micros from the moment a submission was to leave to its answer; 0 if there was none
 * @param answerP99Micros the same
 * @param deliveryP50Micros and to its deliveries
 * @param deliveryP99Micros the same
 * @param serverCpuMicros processor time that the server used in it
 * @param serverBytes resident memory of the server at its end; 0 if unknown
 * @param driverCpuMicros processor time that the driver used in it
 */
public record Sample(
        double second,
        double accepted,
        double delivered,
        double answerP50Micros,
        double answerP99Micros,
        double deliveryP50Micros,
        double deliveryP99Micros,
        double serverCpuMicros,
        double serverBytes,
        double driverCpuMicros) {

    /** Processor time of the server for one delivery, in microseconds; 0 if nothing was delivered. */
    public double cpuMicrosPerDelivery() {
        return delivered == 0 ? 0 : serverCpuMicros / delivered;
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("second", second);
        map.put("accepted", accepted);
        map.put("delivered", delivered);
        map.put("answerP50Micros", answerP50Micros);
        map.put("answerP99Micros", answerP99Micros);
        map.put("deliveryP50Micros", deliveryP50Micros);
        map.put("deliveryP99Micros", deliveryP99Micros);
        map.put("serverCpuMicros", serverCpuMicros);
        map.put("serverBytes", serverBytes);
        map.put("driverCpuMicros", driverCpuMicros);
        return map;
    }

    static Sample of(Map<?, ?> map) {
        return new Sample(
                Numbers.of(map, "second"),
                Numbers.of(map, "accepted"),
                Numbers.of(map, "delivered"),
                Numbers.of(map, "answerP50Micros"),
                Numbers.of(map, "answerP99Micros"),
                Numbers.of(map, "deliveryP50Micros"),
                Numbers.of(map, "deliveryP99Micros"),
                Numbers.of(map, "serverCpuMicros"),
                Numbers.of(map, "serverBytes"),
                Numbers.of(map, "driverCpuMicros"));
    }
}
