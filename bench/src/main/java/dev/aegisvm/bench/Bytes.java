package dev.aegisvm.bench;

import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** How fast 256 MiB move: a guest's output to an attached client, and files into a guest and out of it. */
final class Bytes {
    private static final int MAX_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    private static final double MEGABYTES = (double) PIECE * PIECES / 1e6;
    private static final String LINES =
            "yes 'a line of output, as long as those of many programs are, about 80 bytes.'";
    /** One process that does nothing but copy. */
    private static final List<String> COPY = List.of(
            "sh",
            "-c",
            "i=0; while [ $i -lt " + PIECES + " ]; do set -- \"$@\" /tmp/piece; i=$((i+1)); done; exec cat \"$@\"");

    private Bytes() {}

    static List<Row> output(Sandbox sandbox, int runs) throws IOException {
        List<Double> lines = output(sandbox, LINES, runs);
        List<Double> zeros = output(sandbox, "cat /dev/zero", runs);
        return List.of(
                Row.of("throughput", "256 MiB of stdout to an attached client, in lines", "MB/s", lines),
                Row.of("throughput.zeros", "  all of it zeros, not a line among them", "MB/s", zeros));
    }

    private static List<Double> output(Sandbox sandbox, String content, int runs) throws IOException {
        return sandbox.withIdle((client, id) -> {
            // A piece of the output in a file in memory.
            String write = content + " | head -c " + PIECE + " >/tmp/piece";
            Execs.pump(client, id, List.of("sh", "-c", write), new Counter());
            return new Turns()
                    .each("throughput", () -> outputRate(client, id))
                    .run(0, Math.min(runs, MAX_RUNS))
                    .row("throughput", "", "MB/s")
                    .samples();
        });
    }

    private static double outputRate(DaemonClient client, String id) throws IOException {
        Counter counter = new Counter();
        double millis = Measure.millis(() -> Execs.pump(client, id, COPY, counter));
        if (counter.bytes != (long) PIECE * PIECES) {
            throw new IOException(counter.bytes + " bytes came of " + (long) PIECE * PIECES);
        }
        return MEGABYTES * 1000 / millis;
    }

    /** Takes bytes and counts them. */
    private static final class Counter implements WritableByteChannel {
        private long bytes;

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            bytes += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** {@code aegis cp}, and in turn with it the bare port of another VM. */
    static List<Row> copies(Sandbox sandbox, int runs) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        write(file);
        Turns turns = new Turns();
        try (CopierVm port = CopierVm.start(sandbox)) {
            sandbox.withIdle((client, id) -> turns.each(
                            "copy.in", () -> copied(sandbox, file.toString(), id + ":/srv/file"))
                    .each("copy.in.port", () -> port.rate(CopierVm.Job.TO_PORT))
                    .each("copy.out", () -> copied(sandbox, id + ":/srv/file", file + ".back"))
                    .each("copy.out.port", () -> port.rate(CopierVm.Job.FROM_PORT))
                    .run(1, Math.min(runs, MAX_RUNS)));
        }
        if (Files.mismatch(file, Path.of(file + ".back")) >= 0) {
            throw new IOException("what came back is not what was copied");
        }
        Row bareIn = turns.row("copy.in.port", "  into the virtio port alone", "MB/s");
        Row bareOut = turns.row("copy.out.port", "  out of the virtio port alone", "MB/s");
        return List.of(
                turns.row("copy.in", "256 MiB into a guest by `aegis cp`", "MB/s")
                        .atLeastPercent(50, bareIn),
                bareIn,
                turns.row("copy.out", "256 MiB out of a guest by `aegis cp`", "MB/s")
                        .atLeastPercent(50, bareOut),
                bareOut);
    }

    private static double copied(Sandbox sandbox, String from, String to) throws IOException {
        return MEGABYTES * 1000 / sandbox.aegis("cp", from, to).millisOf("");
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
}
