package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code make bench}: measures the product on real VMs. Exits with 1 when something could not be measured. */
public final class Main {
    private static final int USAGE_ERROR = 2;
    private static final int TIME_IS_UP = 124;

    private Main() {}

    /** Runs the bench. */
    public static void main(String[] words) throws IOException {
        Path checkout = Path.of(System.getProperty("aegis.checkout", "."))
                .toAbsolutePath()
                .normalize();
        Path programs =
                Path.of(System.getProperty("aegis.bin", "bin")).toAbsolutePath().normalize();
        Options options;
        try {
            options = Options.parse(List.of(words), checkout);
        } catch (IllegalArgumentException mistake) {
            System.err.println("bench: " + mistake.getMessage() + "\n" + Options.USAGE);
            System.exit(USAGE_ERROR);
            return;
        }
        Row.Results results;
        try (Sandbox sandbox = Sandbox.open(checkout, programs)) {
            // Ctrl+C and the end of the time leave no daemon behind either.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> closeAtTheEnd(sandbox)));
            giveUpAfter(options.limit());
            results = new Bench(options, System.out, System.err).run(sandbox);
        }
        System.exit(results.failures().isEmpty() ? 0 : 1);
    }

    private static void closeAtTheEnd(Sandbox sandbox) {
        try {
            sandbox.close();
        } catch (IOException obstacle) {
            System.err.println("bench: " + obstacle.getMessage());
        }
    }

    private static void giveUpAfter(Duration limit) {
        var _ = new CompletableFuture<Void>()
                .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .thenRunAsync(() -> {
                    System.err.println("bench: giving up after " + limit.toMinutes() + " minutes");
                    System.exit(TIME_IS_UP);
                });
    }
}
