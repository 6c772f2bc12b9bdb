package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.bench.CopierVm.Job;
import dev.aegisvm.client.DaemonClient;

/** How fast 256 MiB move: a guest's output to an attached client, and files into a guest and out of it. */
final class Bytes {
    private static final int MAX_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    /** What moves in each measure of a rate. */
    static final long SIZE = (long) PIECE * PIECES;

    private static final String LINES =
            "yes 'a line of output, as long as those of many programs are, about 80 bytes.'";
    /** One process that does nothing but copy. */
    private static final List<String> COPY = List.of(
            "sh",
            "-c",
            "i=0; while [ $i -lt " + PIECES + " ]; do set -- \"$@\" /tmp/piece; i=$((i+1)); done; exec cat \"$@\"");

    private Bytes() {}

    /** Each in turn with the bare port of another VM. */
    static void move(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox)) {
            sandbox.with(Sandbox.IDLE, (client, id) -> {
                output(client, id, turns);
                port.rate(turns, "throughput.port", "  out of the virtio port alone", Job.FROM_PORT);
                turns.run(0, MAX_RUNS);
                copies(sandbox, id, turns, port);
                return id;
            });
        }
    }

    private static void output(DaemonClient client, String id, Turns turns) throws IOException {
        // A piece of the output in a file in memory.
        pumped(client, id, List.of("sh", "-c", LINES + " | head -c " + PIECE + " >/tmp/piece"), 0);
        String title = "256 MiB of stdout to an attached client, in lines";
        turns.rate("throughput", title, () -> pumped(client, id, COPY, SIZE));
    }

    /** Runs a command that has to write so many bytes. */
    private static void pumped(DaemonClient client, String id, List<String> command, long size) throws IOException {
        AtomicLong bytes = new AtomicLong();
        WritableByteChannel counter = Channels.newChannel(new FilterOutputStream(OutputStream.nullOutputStream()) {
            @Override
            public void write(byte[] from, int offset, int length) {
                bytes.addAndGet(length);
            }
        });
        Execs.pump(client, id, ExecRequest.of(command), counter);
        if (bytes.get() != size) {
            throw new IOException(bytes + " bytes came of " + size);
        }
    }

    private static void copies(Sandbox sandbox, String id, Turns turns, CopierVm port) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        Path back = file.resolveSibling("file.back");
        write(file);
        String inside = id + ":/srv/file";
        TimedProcess in = sandbox.aegis("cp", file.toString(), inside);
        String into = "  into the virtio port alone";
        turns.rate("copy.in", "256 MiB into a guest by `aegis cp`", () -> in.millisOf(""))
                .atLeastTimes(0.5, port.rate(turns, "copy.in.port", into, Job.TO_PORT));
        TimedProcess out = sandbox.aegis("cp", inside, back.toString());
        String outOf = "  out of the virtio port alone";
        turns.rate("copy.out", "256 MiB out of a guest by `aegis cp`", () -> out.millisOf(""))
                .atLeastTimes(0.5, port.rate(turns, "copy.out.port", outOf, Job.FROM_PORT));
        turns.run(1, MAX_RUNS);
        if (Files.mismatch(file, back) >= 0) {
            throw new IOException("what came back is not what was copied");
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
}
