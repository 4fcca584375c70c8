package dev.quintet.load.drive;

import java.util.Arrays;
import java.util.Random;

/** Zipf's law: the n-th of a row is chosen with a frequency of 1/n. */
final class Zipf {
    private Zipf() {}

    /** What {@link #draw} needs for a row of so many. */
    static double[] cumulative(int count) {
        double[] sums = new double[count];
        double sum = 0;
        for (int index = 0; index < count; index++) {
            sum += 1.0 / (index + 1);
            sums[index] = sum;
        }
        return sums;
    }

    /** One of the row, from 0. */
    static int draw(double[] cumulative, Random random) {
        int found = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[cumulative.length - 1]);
        return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found);
    }
}
