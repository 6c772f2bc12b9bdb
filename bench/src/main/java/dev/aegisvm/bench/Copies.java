package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How fast {@code aegis cp} moves 256 MiB into and out of a guest, and, in turn with it, the bare streams of an exec. */
final class Copies implements Measure {
    private static final int MOST_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    /** At least half of the rate: at most twice the time. */
    private static final double WISH = 2;

    private static final String NOTE = "against an exec that copies the same bytes, in turn with it";

    @Override
    public String title() {
        return "copies of 256 MB";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        write(file);
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                return rows(new Copier(sandbox, id, file), Math.min(runs, MOST_RUNS));
            } finally {
                client.delete(id);
                Files.delete(file);
            }
        }
    }

    private static void write(Path file) throws IOException {
        byte[] piece = new byte[PIECE];
        Random random = new Random(1);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < PIECES; i++) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
    }

    private static List<Row> rows(Copier copier, int runs) throws IOException {
        List<Double> in = new ArrayList<>();
        List<Double> streamIn = new ArrayList<>();
        List<Double> out = new ArrayList<>();
        List<Double> streamOut = new ArrayList<>();
        for (int i = 0; i <= runs; i++) {
            double cpIn = copier.rate("\"$0\" cp \"$1\" \"$2:/srv/file\"");
            double execIn = copier.rate("\"$0\" exec -i \"$2\" -- sh -c 'cat >/srv/other' <\"$1\"");
            double cpOut = copier.rate("\"$0\" cp \"$2:/srv/file\" \"$1.back\"");
            double execOut = copier.rate("\"$0\" exec \"$2\" -- cat /srv/file >\"$1.back\"");
            if (i > 0) { // The first round is the warm-up.
                in.add(cpIn);
                streamIn.add(execIn);
                out.add(cpOut);
                streamOut.add(execOut);
            }
        }
        copier.compare();
        return List.of(
                row("copy.in", "256 MiB into a guest by `aegis cp`", in, streamIn),
                Row.of("copy.in.exec", "  into `aegis exec -i`", "MB/s", streamIn),
                row("copy.out", "256 MiB out of a guest by `aegis cp`", out, streamOut),
                Row.of("copy.out.exec", "  out of `aegis exec`", "MB/s", streamOut));
    }

    private static Row row(String name, String title, List<Double> rates, List<Double> others) {
        Row row = Row.of(name, title, "MB/s", rates);
        double other = Percentiles.of(others).p50();
        return row.judged(Verdict.atMostTimes(WISH, 1 / row.p50(), 1 / other)).note(NOTE);
    }

    /** Runs lines of a shell whose {@code $0} is aegis, {@code $1} a file of the host, {@code $2} an instance. */
    private record Copier(Sandbox sandbox, String id, Path file) {
        double rate(String line) throws IOException {
            TimedProcess aegis = sandbox.aegis();
            TimedProcess shell = new TimedProcess(
                    List.of("sh", "-c", line, aegis.command().getFirst(), file.toString(), id),
                    aegis.environment(),
                    null,
                    Duration.ofMinutes(3));
            return (double) PIECE * PIECES / 1e3 / shell.millisOf("");
        }

        /** What came back is what went in. */
        void compare() throws IOException {
            Path back = file.resolveSibling("file.back");
            if (Files.mismatch(file, back) >= 0) {
                throw new IOException("what came back is not what was copied");
            }
            Files.delete(back);
        }
    }
}
