package dev.aegisvm.bench;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.ProcessSinks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** How fast a guest's output reaches an attached client. */
final class Throughput implements Measure {
    private static final int MOST_RUNS = 5;
    private static final long PIECE = 1 << 20;
    private static final int PIECES = 256;
    /** Writes a piece of the output into a file in memory. */
    private static final String LINES =
            "yes 'a line of output, as long as those of many programs are, about 80 bytes.'";

    private static final String ZEROS = "cat /dev/zero";
    /** One process that does nothing but copy. */
    private static final String COPY =
            "i=0; while [ $i -lt " + PIECES + " ]; do set -- \"$@\" /tmp/piece;" + " i=$((i+1)); done; exec cat \"$@\"";

    @Override
    public String title() {
        return "256 MB of output";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        int few = Math.min(runs, MOST_RUNS);
        return List.of(
                Row.of(
                        "throughput",
                        "256 MiB of stdout to an attached client, in lines",
                        "MB/s",
                        rates(sandbox, LINES, few)),
                Row.of(
                        "throughput.zeros",
                        "  all of it zeros, not a line among them",
                        "MB/s",
                        rates(sandbox, ZEROS, few)));
    }

    private static List<Double> rates(Sandbox sandbox, String content, int runs) throws IOException {
        List<Double> rates = new ArrayList<>();
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                transfer(client, id, content + " | head -c " + PIECE + " >/tmp/piece");
                for (int i = 0; i < runs; i++) {
                    rates.add(rate(client, id));
                }
            } finally {
                client.delete(id);
            }
        }
        return rates;
    }

    private static double rate(DaemonClient client, String id) throws IOException {
        long begin = System.nanoTime();
        long bytes = transfer(client, id, COPY);
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (bytes != PIECE * PIECES) {
            throw new IOException(bytes + " bytes came of " + PIECE * PIECES);
        }
        return bytes / 1e6 / seconds;
    }

    /** Runs a shell's command to its end, and tells how many bytes it wrote. */
    private static long transfer(DaemonClient client, String id, String command) throws IOException {
        Counter counter = new Counter();
        try (AttachedProcess process = client.exec(id, ExecRequest.of(List.of("sh", "-c", command)))) {
            int code = process.pump(new ProcessSinks(counter, counter, () -> {}, note -> {}))
                    .exitCode();
            if (code != 0) {
                throw new IOException("'" + command + "' ended with " + code);
            }
        }
        return counter.bytes;
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
}
