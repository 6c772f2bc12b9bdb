package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Files in a workspace against the same on the guest's own disk, in one guest and in turn, by its clock. */
final class Workspaces implements Measure {
    private static final int MOST_RUNS = 5;
    /** At least half of the rate: at most twice the time. */
    private static final double WISH = 2;

    /** Makes the repository in the workspace on the host: through it that would take minutes. */
    private static final String REPOSITORY = """
            set -e
            git init -q "$0" && cd "$0"
            for d in $(seq 100); do
                mkdir "d$d"
                for f in $(seq 100); do echo "$d $f" >"d$d/f$f"; done
            done
            git add .
            git -c user.name=a -c user.email=a@localhost commit -qm all
            """;

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String OWN = "/root";
    private static final String SHARED = "/workspace";

    private final List<Double> write = new ArrayList<>();
    private final List<Double> writeOwn = new ArrayList<>();
    private final List<Double> read = new ArrayList<>();
    private final List<Double> readOwn = new ArrayList<>();
    private final List<Double> status = new ArrayList<>();
    private final List<Double> statusOwn = new ArrayList<>();
    private final List<Double> again = new ArrayList<>();
    private final List<Double> againOwn = new ArrayList<>();

    @Override
    public String title() {
        return "files in a workspace";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.wish(Sandbox.IDLE, null, "bench", List.of()));
            try {
                Path repository = sandbox.data().resolve("workspaces/bench/repository");
                new TimedProcess(List.of("sh", "-c", REPOSITORY, repository.toString()), Map.of(), null, LIMIT)
                        .millisOf("");
                measure(new Inside(sandbox, id), Math.min(runs, MOST_RUNS));
            } finally {
                client.delete(id);
            }
        }
        return rows();
    }

    private void measure(Inside guest, int runs) throws IOException {
        guest.run("tree", OWN);
        for (int i = 0; i <= runs; i++) {
            List<Double> shared = guest.run("bytes", SHARED);
            List<Double> own = guest.run("bytes", OWN);
            List<Double> sharedStatus = guest.run("status", SHARED);
            List<Double> ownStatus = guest.run("status", OWN);
            if (i > 0) { // The first round is the warm-up.
                write.add(shared.getFirst());
                read.add(shared.getLast());
                writeOwn.add(own.getFirst());
                readOwn.add(own.getLast());
                status.add(sharedStatus.getFirst());
                again.add(sharedStatus.getLast());
                statusOwn.add(ownStatus.getFirst());
                againOwn.add(ownStatus.getLast());
            }
        }
    }

    private List<Row> rows() {
        return List.of(
                rate("workspace.write", "256 MiB written and synced in a workspace", write, writeOwn),
                Row.of("workspace.write.own", "  on the guest's own disk", "MB/s", writeOwn),
                rate("workspace.read", "256 MiB read in a workspace, caches dropped first", read, readOwn),
                Row.of("workspace.read.own", "  on the guest's own disk", "MB/s", readOwn),
                Row.of("workspace.status", "`git status` of 10 000 files in a workspace, caches dropped", "ms", status),
                Row.of("workspace.status.own", "  on the guest's own disk", "ms", statusOwn),
                Row.of("workspace.status.again", "  in a workspace, at once again", "ms", again),
                Row.of("workspace.status.again.own", "  on the guest's own disk, at once again", "ms", againOwn));
    }

    private static Row rate(String name, String title, List<Double> rates, List<Double> others) {
        Row row = Row.of(name, title, "MB/s", rates);
        return row.judged(Verdict.atMostTimes(
                WISH, 1 / row.p50(), 1 / Percentiles.of(others).p50()));
    }

    /** Runs the script of this measure in the guest. */
    private record Inside(Sandbox sandbox, String id) {
        List<Double> run(String what, String directory) throws IOException {
            TimedProcess aegis = sandbox.aegis("exec", id, "--", "python3", "-c", script(), what, directory);
            TimedProcess.Outcome outcome = new TimedProcess(aegis.command(), aegis.environment(), null, LIMIT).run();
            if (outcome.exitCode() != 0) {
                throw new IOException("files.py " + what + " " + directory + " ended with " + outcome.exitCode());
            }
            List<Double> numbers = new ArrayList<>();
            for (String word : outcome.stdout().strip().split(" ", -1)) {
                if (!word.isEmpty()) {
                    numbers.add(Double.valueOf(word));
                }
            }
            return numbers;
        }

        private static String script() throws IOException {
            try (InputStream in = Workspaces.class.getResourceAsStream("files.py")) {
                return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
