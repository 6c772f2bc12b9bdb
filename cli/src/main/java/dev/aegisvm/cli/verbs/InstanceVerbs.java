package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.*;
import dev.aegisvm.client.DaemonClient.InstanceEnd;
import dev.aegisvm.host.Posix;

/** The verbs that change instances, and those about the end of a main process: {@code wait} and {@code kill}. */
public final class InstanceVerbs {
    private static final String TIME = "--for";
    private static final String RELEASE = "--release";
    private static final String SIGNAL = "--signal";

    private InstanceVerbs() {}

    public static Verb stop() {
        return action(Routes.STOP, "stopping", Verb.of("stop instances; their disks stay"));
    }

    public static Verb disable() {
        return action(
                Routes.DISABLE, "disabling", Verb.of("stop instances, and let only `aegis instance start` wake them"));
    }

    public static Verb pause() {
        return action(Routes.PAUSE, "pausing", Verb.of("pause running instances"));
    }

    public static Verb resume() {
        return action(Routes.RESUME, "resuming", Verb.of("resume paused instances"));
    }

    public static Verb delete() {
        Verb verb = Verb.of("delete instances with their disks and logs")
                .with("--force -f", "has no effect; `aegis rm` needs it for running instances");
        return action(Routes.DELETE, "deleting", verb);
    }

    /** {@code aegis rm}: deletes what runs only where that is meant. */
    public static Verb remove() {
        return Asking.each(
                Verb.of("delete stopped instances with their disks and logs")
                        .with("--force -f", "also running instances")
                        .choosing()
                        .operands(Value.INSTANCE),
                "deleting",
                arguments -> arguments.has("--force")
                        ? (daemon, name) -> daemon.call(Routes.DELETE, name).status()
                        : InstanceVerbs::deleteStopped);
    }

    private static String deleteStopped(DaemonClient daemon, String name) throws IOException {
        try {
            return daemon.call(Routes.DELETE.to(name).flag("if_stopped", true)).status();
        } catch (ApiException refusal) {
            if (!ErrorCode.WRONG_STATE.wire().equals(refusal.error().code())) {
                throw refusal;
            }
            String hint = "stop it first, or delete it all the same: aegis rm -f " + name;
            throw ErrorCode.WRONG_STATE.refusal(refusal.error().error(), hint, refusal);
        }
    }

    public static Verb rename() {
        return Verb.of("give an instance another name")
                .withQuiet()
                .operand(Value.INSTANCE)
                .operand(Value.of("<new name>"))
                .does((arguments, session) -> {
                    String given = arguments.operands().get(1);
                    List<String> one = List.of(arguments.operand());
                    return Asking.each(one, session, "renaming", (daemon, name) -> {
                        daemon.call(Routes.RENAME.with(new RenameRequest(given), name));
                        return "renamed to " + given;
                    });
                });
    }

    private static Verb action(Route<Void, ActionView> route, String doing, Verb verb) {
        return Asking.each(
                verb.choosing().operands(Value.INSTANCE),
                doing,
                _ -> (daemon, name) -> daemon.call(route, name).status());
    }

    public static Verb keepalive() {
        return Verb.of("keep instances awake for some time, idle or not")
                .with(TIME + " DUR", "for how long: 30s, 10m (the default), 2h; 24h at most")
                .offering("10m", "30m", "1h", "24h")
                .with(RELEASE, "end it now")
                .withQuiet()
                .operands(Value.INSTANCE)
                .does(InstanceVerbs::keepalive);
    }

    private static int keepalive(Arguments arguments, Session session) throws IOException {
        String time = arguments.checked(
                TIME,
                text -> LooseDuration.read(text)
                        .filter(each -> each.isPositive() && each.compareTo(VmLimits.MAX_KEEPALIVE) <= 0)
                        .isPresent(),
                TIME + " 10m (or 30s, 2h; 24h at most)");
        boolean release = arguments.has(RELEASE);
        if (release && time != null) {
            throw arguments.wrong(TIME + " and " + RELEASE + " cannot be used together");
        }
        return Asking.each(
                arguments.operands(),
                session,
                release ? "releasing" : "waking",
                (daemon, name) -> release
                        ? daemon.call(Routes.RELEASE_KEEPALIVE, name).status()
                        : "kept awake until "
                                + daemon.call(Routes.KEEPALIVE.with(new KeepaliveRequest(time), name))
                                        .until());
    }

    public static Verb prune() {
        return Verb.of("delete instances that were stopped long ago")
                .with(
                        Asking.AGE + " --stopped-older-than DUR",
                        "the least time since the stop: 30s, 45m, 12h, 7d (required)")
                .offering("1d", "7d", "30d")
                .withQuiet()
                .does(InstanceVerbs::prune);
    }

    private static int prune(Arguments arguments, Session session) throws IOException {
        String age = Asking.age(arguments);
        if (age == null) {
            throw arguments.wrong(Asking.AGE + " is missing: write " + Asking.AGE + " 7d");
        }
        Map<String, String> handles = session.json() || session.quiet() ? Map.of() : handlesOfStopped(session.daemon());
        return Asking.show(
                Routes.PRUNE.to().query("older_than", age),
                session,
                pruned -> session.quiet() ? Asking.lines(pruned.ids()) : text(pruned, handles, age) + "\n");
    }

    private static Map<String, String> handlesOfStopped(DaemonClient daemon) throws IOException {
        Map<String, String> handles = new HashMap<>();
        for (InstanceView instance : daemon.call(Routes.LIST.to().query("state", "stopped"))) {
            if (instance.handle() != null) {
                handles.put(instance.id(), instance.handle() + " (" + instance.id() + ")");
            }
        }
        return handles;
    }

    private static String text(PruneView pruned, Map<String, String> handles, String age) {
        if (pruned.ids().isEmpty()) {
            return "no instance has been stopped for more than " + age;
        }
        String sum = pruned.pruned() + (pruned.pruned() == 1 ? " instance" : " instances") + " removed";
        return pruned.ids().stream()
                .map(id -> Printable.of(handles.getOrDefault(id, id)) + ": deleted\n")
                .collect(Collectors.joining("", "", sum));
    }

    public static Verb await() {
        return Verb.of("wait until the main process of an instance has ended")
                .operand(Value.INSTANCE)
                .besideGuest()
                .does((arguments, session) -> {
                    InstanceEnd end = awaitEnd(arguments.operand(), session, (_, _) -> {});
                    if (end.exitCode() == null) {
                        throw new IOException(Printable.of(arguments.operand()) + " has no exit code: "
                                + Printable.of(end.because()));
                    }
                    if (session.json()) {
                        session.console().line(ApiJson.text(ProcessExit.of(end.exitCode())));
                    }
                    return end.exitCode();
                });
    }

    public static Verb kill() {
        return Verb.of("kill the main process of instances, or send it a signal")
                .with(
                        SIGNAL + " -s SIGNAL",
                        "another signal than KILL, by its name or number; does not wait for an end")
                .offering("HUP", "INT", "TERM", "USR1", "USR2")
                .withQuiet()
                .operands(Value.INSTANCE)
                .does((arguments, session) -> {
                    Integer signal = arguments.read(SIGNAL, Signals::number, SIGNAL + " TERM (or HUP, USR1, 15, …)");
                    return Asking.each(arguments.operands(), session, "killing", (daemon, name) -> {
                        if (signal != null && signal != Posix.SIGKILL) {
                            return daemon.call(Routes.KILL_EXEC.to(name, "main").query("signal", signal))
                                    .status();
                        }
                        var _ = awaitEnd(name, session, (asked, _) -> asked.call(Routes.KILL_EXEC, name, "main"));
                        return "killed";
                    });
                });
    }

    /** Does something, then waits until the instance is at rest. */
    private static InstanceEnd awaitEnd(String name, Session session, Asking.Step<String> first) throws IOException {
        DaemonClient daemon = session.daemon();
        try (JsonLines changes = daemon.changes()) {
            InstanceView seen = daemon.call(Routes.GET, name);
            first.of(daemon, name);
            return daemon.end(seen, changes);
        }
    }
}
