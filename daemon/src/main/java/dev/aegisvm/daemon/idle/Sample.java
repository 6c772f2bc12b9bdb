package dev.aegisvm.daemon.idle;

import java.time.Duration;

/**
 * What a guest had used at some moment, since its boot.
 *
 * @param at {@link System#nanoTime} of that moment
 * @param cpu time of all its processes
 * @param netBytes received and sent
 */
public record Sample(long at, Duration cpu, long netBytes) {}
