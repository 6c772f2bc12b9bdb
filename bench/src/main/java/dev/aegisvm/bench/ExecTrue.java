package dev.aegisvm.bench;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.ProcessSinks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** {@code true} in a running instance, through the API: as a program asks for it, and as the CLI does. */
final class ExecTrue implements Measure {
    private static final int WARM_UP = 20;
    private static final double WISH_MILLIS = 15;
    private static final List<String> TRUE = List.of("true");

    @Override
    public String title() {
        return "exec of true";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                return List.of(
                        Row.of("exec", "exec of `true`, NDJSON on a kept connection", "ms", kept(sandbox, id, runs))
                                .atMost(WISH_MILLIS),
                        Row.of("exec.new", "  NDJSON, each on a new connection", "ms", fresh(sandbox, id, runs)),
                        Row.of(
                                "exec.stream",
                                "  aegis-stream, each on a new connection",
                                "ms",
                                stream(sandbox, id, runs)));
            } finally {
                client.delete(id);
            }
        }
    }

    private static List<Double> kept(Sandbox sandbox, String id, int runs) throws IOException {
        try (NdjsonExec connection = NdjsonExec.connect(sandbox.socket())) {
            return times(runs, () -> connection.run(id, TRUE));
        }
    }

    private static List<Double> fresh(Sandbox sandbox, String id, int runs) throws IOException {
        return times(runs, () -> {
            try (NdjsonExec connection = NdjsonExec.connect(sandbox.socket())) {
                connection.run(id, TRUE);
            }
        });
    }

    private static List<Double> stream(Sandbox sandbox, String id, int runs) throws IOException {
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        return times(runs, () -> {
            try (DaemonClient client = sandbox.client();
                    AttachedProcess process = client.exec(id, ExecRequest.of(TRUE))) {
                int code = process.pump(new ProcessSinks(nowhere, nowhere, () -> {}, note -> {}))
                        .exitCode();
                if (code != 0) {
                    throw new IOException("true ended with " + code);
                }
            }
        });
    }

    private interface Exec {
        void run() throws IOException;
    }

    private static List<Double> times(int runs, Exec exec) throws IOException {
        List<Double> times = new ArrayList<>();
        for (int i = -WARM_UP; i < runs; i++) {
            long begin = System.nanoTime();
            exec.run();
            if (i >= 0) {
                times.add((System.nanoTime() - begin) / 1e6);
            }
        }
        return times;
    }
}
