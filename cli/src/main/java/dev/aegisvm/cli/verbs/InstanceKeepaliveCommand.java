package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.Actions.KeepaliveView;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code aegis instance keepalive}: an instance stays awake for some time, whatever it does. */
public final class InstanceKeepaliveCommand implements Verb {
    private static final String TIME = "--for";
    private static final String RELEASE = "--release";
    private static final Duration LONGEST = Duration.ofHours(24);

    @Override
    public Usage usage() {
        return Usage.of("instance keepalive", "keep instances awake for some time, idle or not")
                .with(TIME, "DUR", "for how long: 30s, 10m (the default), 2h; 24h at most")
                .with(RELEASE, "end it now")
                .operands("<name|id>")
                .details(
                        "Wakes a paused instance. The latest call counts; call again before the time is over to go on.")
                .example("aegis instance keepalive box --for 30m");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        String time = time(arguments);
        if (arguments.has(RELEASE)) {
            if (time != null) {
                throw arguments.wrong(TIME + " and " + RELEASE + " do not go together: leave one out");
            }
            return EachInstance.of(arguments, session)
                    .ask(
                            "releasing",
                            (daemon, name) -> daemon.releaseKeepalive(name).status());
        }
        return EachInstance.of(arguments, session).ask("waking", (daemon, name) -> text(daemon.keepalive(name, time)));
    }

    private static String text(KeepaliveView keepalive) {
        return "held awake until " + keepalive.until();
    }

    private static @Nullable String time(Arguments arguments) throws UsageException {
        String text = arguments.value(TIME);
        if (text != null && !fits(text)) {
            throw arguments.wrong("malformed " + TIME + " '" + Printable.of(text) + "': write " + TIME
                    + " 10m (or 30s, 2h; 24h at most)");
        }
        return text;
    }

    private static boolean fits(String text) {
        return LooseDuration.read(text)
                .filter(time -> time.isPositive() && time.compareTo(LONGEST) <= 0)
                .isPresent();
    }
}
