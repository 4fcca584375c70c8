package dev.quintet.load.drive;

/**
 * One submission as its sender remembers it until it is answered.
 *
 * @param ticket the sender's own number for it, from 1
 * @param high the first half of its envelope id: the run and the sender
 * @param low the second half: the audience and the sender's count of submissions to it
 * @param to whose devices get it
 * @param intendedNanos when it was to leave, by {@link System#nanoTime}
 * @param letter what it is
 */
public record Parting(long ticket, long high, long low, Audience to, long intendedNanos, Letter letter) {}
