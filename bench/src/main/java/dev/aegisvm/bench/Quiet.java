package dev.aegisvm.bench;

import module java.base;

/**
 * Waits until a number has come to rest.
 *
 * @param look time between two looks at it
 * @param looks so many looks together decide
 * @param limit how long at most
 */
record Quiet(Duration look, int looks, Duration limit) {
    /** Returns the number once it has changed by so much at most; throws when that does not come. */
    double await(double most, Turns.Sample number) throws IOException {
        Deque<Double> seen = new ArrayDeque<>();
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end) {
            seen.addLast(number.take());
            if (seen.size() > looks) {
                if (Collections.max(seen) - Collections.min(seen) <= most) {
                    return seen.getLast();
                }
                seen.removeFirst();
            }
            LockSupport.parkNanos(look.toNanos());
        }
        throw new IOException("no quiet within " + limit.toSeconds() + " s, but " + seen);
    }
}
