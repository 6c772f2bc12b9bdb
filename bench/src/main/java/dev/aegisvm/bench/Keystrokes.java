package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** How long a person who types in {@code aegis shell} waits for the echo of a key. */
final class Keystrokes implements Measure {
    private static final double WISH_MS = 10;
    private static final int WARM_UP = 20;

    @Override
    public String title() {
        return "keys in `aegis shell`";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                List<Double> all = typed(sandbox, id, WARM_UP + runs);
                return List.of(Row.of(
                                "keystroke",
                                "key in `aegis shell` until its echo",
                                "ms",
                                all.subList(WARM_UP, all.size()))
                        .atMost(WISH_MS));
            } finally {
                client.delete(id);
            }
        }
    }

    /** A program types, since Java cannot open a pseudo terminal. */
    private static List<Double> typed(Sandbox sandbox, String id, int keys) throws IOException {
        TimedProcess aegis = sandbox.aegis();
        TimedProcess typist = new TimedProcess(
                List.of("python3", "-c", script(), aegis.command().getFirst(), id, Integer.toString(keys)),
                aegis.environment(),
                null,
                Duration.ofMinutes(5));
        TimedProcess.Outcome outcome = typist.run();
        List<Double> millis = outcome.stdout().lines().map(Double::parseDouble).toList();
        if (outcome.exitCode() != 0 || millis.size() != keys) {
            throw new IOException(
                    "the shell ended with " + outcome.exitCode() + " after " + millis.size() + " keys of " + keys);
        }
        return millis;
    }

    private static String script() throws IOException {
        try (InputStream script = Objects.requireNonNull(Keystrokes.class.getResourceAsStream("keystrokes.py"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
