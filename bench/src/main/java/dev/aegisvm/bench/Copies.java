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

/** How fast {@code aegis cp} moves 256 MiB into and out of a guest, and, in turn with it, the bare port of another VM. */
final class Copies implements Measure {
    private static final int MOST_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    private static final int WISH_PERCENT = 50;

    @Override
    public String title() {
        return "copies of 256 MB";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        write(file);
        try (DaemonClient client = sandbox.client();
                CopierVm port = CopierVm.start(sandbox)) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                return rows(new Copier(sandbox, id, file), port, Math.min(runs, MOST_RUNS));
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

    private static List<Row> rows(Copier copier, CopierVm port, int runs) throws IOException {
        List<Double> in = new ArrayList<>();
        List<Double> portIn = new ArrayList<>();
        List<Double> out = new ArrayList<>();
        List<Double> portOut = new ArrayList<>();
        for (int i = 0; i <= runs; i++) {
            double cpIn = copier.rate("\"$0\" cp \"$1\" \"$2:/srv/file\"");
            double bareIn = port.rate(CopierVm.Wish.TO_PORT);
            double cpOut = copier.rate("\"$0\" cp \"$2:/srv/file\" \"$1.back\"");
            double bareOut = port.rate(CopierVm.Wish.FROM_PORT);
            if (i > 0) { // The first round is the warm-up.
                in.add(cpIn);
                portIn.add(bareIn);
                out.add(cpOut);
                portOut.add(bareOut);
            }
        }
        copier.compare();
        Row bareIn = Row.of("copy.in.port", "  into the virtio port alone", "MB/s", portIn);
        Row bareOut = Row.of("copy.out.port", "  out of the virtio port alone", "MB/s", portOut);
        return List.of(
                row("copy.in", "256 MiB into a guest by `aegis cp`", in, bareIn),
                bareIn,
                row("copy.out", "256 MiB out of a guest by `aegis cp`", out, bareOut),
                bareOut);
    }

    private static Row row(String name, String title, List<Double> rates, Row bare) {
        Row row = Row.of(name, title, "MB/s", rates);
        return row.judged(Verdict.atLeastPercent(WISH_PERCENT, row.p50(), bare.p50()));
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
