package dev.aegisvm.host;

import module java.base;

/**
 * A range of uids that nobody on the host has, for programs that are to be alone with theirs. Another daemon may have the
 * same range, so one is drawn by chance.
 */
public final class Uids {
    private final int first;
    private final int count;
    private final RandomGenerator random = new Random();
    private final Set<Integer> used = new HashSet<>();

    /** @param count how many there are; 0 for none */
    public Uids(int first, int count) {
        this.first = first;
        this.count = count;
    }

    /** Nobody gets one. */
    public static Uids none() {
        return new Uids(1, 0);
    }

    int any() {
        return count == 0 ? 0 : first;
    }

    /** One that nobody of ours has, until it is given back; empty if there is none left. */
    synchronized OptionalInt take() {
        if (used.size() >= count) {
            return OptionalInt.empty();
        }
        int uid = first + random.nextInt(count);
        while (!used.add(uid)) {
            uid = first + (uid - first + 1) % count;
        }
        return OptionalInt.of(uid);
    }

    synchronized void giveBack(int uid) {
        used.remove(uid);
    }
}
