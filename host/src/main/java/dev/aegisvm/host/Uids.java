package dev.aegisvm.host;

import module java.base;

/**
 * A range of uids that no user of the host has, for programs that are to be alone with theirs. Another daemon may have
 * the same range, so one is drawn by chance. The first is for programs that are no VM's hypervisor.
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

    int any() {
        return count == 0 ? 0 : first;
    }

    /** The uid that such programs share; empty if there is none, or our user namespace does not map it. */
    OptionalInt common() {
        return count > 0 && isMapped(first) ? OptionalInt.of(first) : OptionalInt.empty();
    }

    /** Lines of uid_map(5) in user_namespaces(7): the first uid inside, the first outside, how many. */
    private static boolean isMapped(int uid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/uid_map"))) {
            return lines.map(line -> line.strip().split("\\s+", -1)).anyMatch(map -> {
                long inside = Long.parseLong(map[0]);
                return inside <= uid && uid < inside + Long.parseLong(map[2]);
            });
        } catch (IOException unknown) {
            return false;
        }
    }

    /** One that no other program of ours has, until it is given back; empty if there is none left. */
    synchronized OptionalInt take() {
        int single = count - 1;
        if (used.size() >= single) {
            return OptionalInt.empty();
        }
        int drawn = random.nextInt(single);
        while (!used.add(first + 1 + drawn)) {
            drawn = (drawn + 1) % single;
        }
        return OptionalInt.of(first + 1 + drawn);
    }

    synchronized void giveBack(int uid) {
        used.remove(uid);
    }
}
