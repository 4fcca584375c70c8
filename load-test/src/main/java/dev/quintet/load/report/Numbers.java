package dev.quintet.load.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers out of what was read from JSON. */
final class Numbers {
    private Numbers() {}

    /** The number under this name; throws {@link IllegalArgumentException} if there is none. */
    static double of(Map<?, ?> map, String name) {
        if (map.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("it has no number '" + name + "'");
    }

    /** All numbers of a map; throws {@link IllegalArgumentException} for anything else in it. */
    static Map<String, Double> all(Map<?, ?> map) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        map.keySet().forEach(name -> numbers.put(String.valueOf(name), of(map, String.valueOf(name))));
        return numbers;
    }
}
