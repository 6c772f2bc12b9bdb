package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many threads a process keeps. The JVM's own pools let an idle thread go after a minute at most (whoever waits for the end
 * of a child: 60 s, carriers of virtual threads: 30 s), so only what does not change for longer than that is kept.
 */
final class SteadyThreads {
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
    private static final int STEADY_SECONDS = 65;
    private static final int LIMIT_SECONDS = 300;
    private static final long SECOND_NANOS = 1_000_000_000;

    private SteadyThreads() {}

    /**
     * Waits until the number has not changed for 65 s.
     *
     * @throws IOException when it does not come to rest within five minutes
     */
    static double of(long pid) throws IOException {
        double last = count(pid);
        int steady = 0;
        for (int second = 0; second < LIMIT_SECONDS; second++) {
            LockSupport.parkNanos(SECOND_NANOS);
            double now = count(pid);
            steady = now == last ? steady + 1 : 0;
            last = now;
            if (steady >= STEADY_SECONDS) {
                return last;
            }
        }
        throw new IOException("the number of threads does not come to rest within " + LIMIT_SECONDS + " s: " + last);
    }

    private static double count(long pid) throws IOException {
        Matcher found = THREADS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
        if (!found.find()) {
            throw new IOException("the process does not tell its number of threads");
        }
        return Double.parseDouble(found.group(1));
    }
}
