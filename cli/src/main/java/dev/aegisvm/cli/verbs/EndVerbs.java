package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.*;
import org.jspecify.annotations.Nullable;

/** The verbs about the end of a main process: {@code wait} and {@code kill}. */
public final class EndVerbs {
    private static final Set<String> AT_REST = Set.of("stopped", "disabled", "deleting", "deleted");

    private EndVerbs() {}

    /**
     * How an instance came to rest.
     *
     * @param exitCode of its main process; null when that did not end by itself
     * @param because why it is at rest
     */
    private record End(@Nullable Integer exitCode, String because) {}

    public static Verb await() {
        Usage usage =
                Usage.of("wait until the main process of an instance has ended").operand(Value.INSTANCE);
        return new Verb(usage, Verb.FAILED_BESIDE_GUEST, (arguments, session) -> {
            End end = awaitEnd(arguments.operand(), session, (_, _) -> {});
            if (end.exitCode() == null) {
                session.say(
                        "failed",
                        "aegis: " + Printable.of(arguments.operand()) + " has no exit code: "
                                + Printable.of(end.because()));
                return Verb.FAILED_BESIDE_GUEST;
            }
            if (session.json()) {
                session.console().line(ApiJson.text(ProcessExit.of(end.exitCode())));
            }
            return end.exitCode();
        });
    }

    public static Verb kill() {
        Usage usage = Usage.of("kill the main process of instances").withQuiet().operands(Value.INSTANCE);
        return new Verb(
                usage,
                (arguments, session) -> Asking.each(arguments.operands(), session, "killing", (_, name) -> {
                    var _ = awaitEnd(name, session, (daemon, _) -> daemon.call(Routes.KILL_EXEC, name, "main"));
                    return "killed";
                }));
    }

    /** Does something, then waits until the instance is at rest. */
    private static End awaitEnd(String name, Session session, Asking.Step<String> first) throws IOException {
        try (DaemonClient daemon = session.daemon();
                DaemonClient watching = session.client();
                JsonLines events =
                        watching.lines(Routes.EVENTS.to().flag("follow", true).query("tail", 0))) {
            InstanceView seen = daemon.call(Routes.GET, name);
            first.of(daemon, name);
            if (seen.state() == InstanceStatus.STOPPED) {
                return new End(seen.exitCode(), Objects.requireNonNullElse(seen.reason(), "it was never started"));
            }
            for (byte[] line = events.next(); line != null; line = events.next()) {
                EventView event = ApiJson.answer(EventView.class, line);
                if (event.missed() != null) {
                    return awaitEnd(name, session, (_, _) -> {});
                }
                boolean its = event.instanceId().equals(seen.id());
                if (its && AT_REST.contains(event.to())) {
                    return new End(event.exitCode(), event.because());
                }
            }
            throw new DaemonException("the daemon ended before the instance was at rest");
        }
    }
}
