package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.Actions.KeepaliveRequest;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code aegis instance keepalive}: an instance stays awake for some time, whatever it does. */
public final class InstanceKeepaliveCommand implements Verb {
    private static final String TIME = "--for";
    private static final String RELEASE = "--release";
    private static final Duration MAX = Duration.ofHours(24);

    @Override
    public Usage usage() {
        return Usage.of("keep instances awake for some time, idle or not")
                .with(
                        TIME,
                        Value.of("DUR", "10m", "30m", "1h", "24h"),
                        "for how long: 30s, 10m (the default), 2h; 24h at most")
                .with(RELEASE, "end it now")
                .operands(Value.INSTANCE)
                .details("Wakes a paused instance. A later call replaces an earlier one.")
                .example("aegis instance keepalive box --for 30m");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        String time = time(arguments);
        if (arguments.has(RELEASE)) {
            if (time != null) {
                throw arguments.wrong(TIME + " and " + RELEASE + " do not go together: leave one out");
            }
            return Asking.each(
                    arguments.operands(),
                    session,
                    "releasing",
                    (daemon, name) ->
                            daemon.call(Routes.RELEASE_KEEPALIVE, name).status());
        }
        return Asking.each(
                arguments.operands(),
                session,
                "waking",
                (daemon, name) -> "kept awake until "
                        + daemon.call(Routes.KEEPALIVE.with(new KeepaliveRequest(time), name))
                                .until());
    }

    private static @Nullable String time(Arguments arguments) throws UsageException {
        String text = arguments.value(TIME);
        if (text != null && !fits(text)) {
            throw arguments.malformed(TIME, text, TIME + " 10m (or 30s, 2h; 24h at most)");
        }
        return text;
    }

    private static boolean fits(String text) {
        return LooseDuration.read(text)
                .filter(time -> time.isPositive() && time.compareTo(MAX) <= 0)
                .isPresent();
    }
}
