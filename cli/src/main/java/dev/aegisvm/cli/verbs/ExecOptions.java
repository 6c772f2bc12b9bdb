package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecRequestBuilder;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.terminal.Printable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options that say how a further command runs, which {@code exec} and {@code shell} share. */
public final class ExecOptions {
    private ExecOptions() {}

    static Usage declare(Usage usage) {
        return InstanceOptions.declareEnvironment(usage)
                .with("--cwd", Value.of("DIR"), "the working directory in the guest")
                .with("--user", Value.of("USER"), "a user of the guest: NAME, UID, NAME:GROUP or UID:GID")
                .with(
                        "--timeout",
                        Value.of("DUR", "30s", "5m", "1h"),
                        "kill it, with all that it started, after this time (500ms, 30s, 5m, 2h); exits with 124");
    }

    /** @param detach whether nobody waits for the end */
    static ExecRequest request(Arguments arguments, List<String> command, FollowedProcess joined, boolean detach)
            throws UsageException {
        String cwd = arguments.value("--cwd");
        if (cwd != null && !cwd.startsWith("/")) {
            throw arguments.wrong(
                    "--cwd '" + Printable.of(cwd) + "' is not an absolute path: write --cwd /" + Printable.of(cwd));
        }
        return ExecRequestBuilder.builder()
                .command(command)
                .env(joined.environment(InstanceOptions.environment(arguments)))
                .cwd(cwd)
                .user(arguments.value("--user"))
                .tty(joined.size())
                .timeoutMs(timeout(arguments))
                .detach(detach ? Boolean.TRUE : null)
                .build();
    }

    private static @Nullable Long timeout(Arguments arguments) throws UsageException {
        String text = arguments.value("--timeout");
        if (text == null) {
            return null;
        }
        Long millis = millis(text);
        if (millis == null || millis == 0) {
            throw arguments.malformed("--timeout", text, "--timeout 30s (or 500ms, 5m, 2h)");
        }
        return millis;
    }

    /** The milliseconds of a number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}; null for any other text. */
    public static @Nullable Long millis(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        Long value = InstanceOptions.number(text.substring(0, digits));
        if (value == null) {
            return null;
        }
        return switch (text.substring(digits)) {
            case "ms" -> value;
            case "s" -> value * 1000;
            case "m" -> value * 60_000;
            case "h" -> value * 3_600_000;
            case "d" -> value * 86_400_000;
            default -> null;
        };
    }
}
