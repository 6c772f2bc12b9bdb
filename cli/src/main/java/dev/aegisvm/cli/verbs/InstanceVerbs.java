package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;

/** The verbs that change instances. */
public final class InstanceVerbs {
    private static final String TIME = "--for";
    private static final String RELEASE = "--release";
    private static final Duration MAX_KEEPALIVE = Duration.ofHours(24);

    private InstanceVerbs() {}

    public static Verb stop() {
        Usage usage = Usage.of("stop instances; their disks stay").details("""
            The main process gets SIGTERM, and SIGKILL 5 s later. The instance stays enabled. An instance that is stopped
            stays stopped. `aegis instance start NAME` starts it again.""");
        return action(Routes.STOP, "stop", "stopping", usage);
    }

    public static Verb disable() {
        Usage usage = Usage.of("stop instances, and let only `aegis instance start` wake them")
                .details("""
                    Closes the ports, and keeps their numbers, the disk and the logs. Until `aegis instance start NAME`,
                    no connection, no `aegis exec` and no start of the daemon boots it.""");
        return action(Routes.DISABLE, "disable", "disabling", usage);
    }

    public static Verb pause() {
        Usage usage = Usage.of("pause running instances")
                .details(
                        "A paused VM uses no CPU and keeps its memory. `aegis instance resume` and `aegis exec` resume it.");
        return action(Routes.PAUSE, "pause", "pausing", usage);
    }

    public static Verb resume() {
        Usage usage =
                Usage.of("resume paused instances").details("The clock of the guest is set before its processes run.");
        return action(Routes.RESUME, "resume", "resuming", usage);
    }

    public static Verb delete() {
        Usage usage = Usage.of("delete instances with their disks and logs")
                .with("--force -f", "changes nothing here; `aegis rm` needs it for what runs")
                .details("Works in every state, also while an instance runs. This cannot be undone.");
        return action(Routes.DELETE, "delete", "deleting", usage);
    }

    /** {@code aegis rm}: deletes what runs only where that is meant. */
    public static Verb remove() {
        Usage usage = Usage.of("delete stopped instances with their disks and logs")
                .with("--force -f", "also those that run")
                .operands(Value.INSTANCE)
                .details("This cannot be undone. `aegis instance delete` deletes in every state.")
                .example("aegis rm -f box");
        return Asking.each(
                usage,
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
        Usage usage = Usage.of("give an instance another name")
                .withQuiet()
                .operand(Value.INSTANCE)
                .operand(Value.of("<new name>"))
                .details("Its guest has it as its host name from the next start on.")
                .example("aegis instance rename box web");
        return new Verb(usage, (arguments, session) -> {
            String given = arguments.operands().get(1);
            List<String> one = List.of(arguments.operands().getFirst());
            return Asking.each(arguments, one, session, "renaming", (daemon, name) -> {
                daemon.call(Routes.RENAME.with(new RenameRequest(given), name));
                return "renamed to " + given;
            });
        });
    }

    private static Verb action(Route<Void, ActionView> route, String word, String doing, Usage usage) {
        Usage whole = usage.operands(Value.INSTANCE).example("aegis instance " + word + " box");
        return Asking.each(
                whole, doing, (daemon, name) -> daemon.call(route, name).status());
    }

    public static Verb keepalive() {
        Usage usage = Usage.of("keep instances awake for some time, idle or not")
                .with(
                        TIME,
                        Value.of("DUR", "10m", "30m", "1h", "24h"),
                        "for how long: 30s, 10m (the default), 2h; 24h at most")
                .with(RELEASE, "end it now")
                .withQuiet()
                .operands(Value.INSTANCE)
                .details("Wakes a paused instance. A later call replaces an earlier one.")
                .example("aegis instance keepalive box --for 30m");
        return new Verb(usage, InstanceVerbs::keepalive);
    }

    private static int keepalive(Arguments arguments, Session session) throws IOException {
        String time = arguments.checked(TIME, InstanceVerbs::isKeepalive, TIME + " 10m (or 30s, 2h; 24h at most)");
        boolean release = arguments.has(RELEASE);
        if (release && time != null) {
            throw arguments.wrong(TIME + " and " + RELEASE + " do not go together: leave one out");
        }
        return Asking.each(
                arguments,
                arguments.operands(),
                session,
                release ? "releasing" : "waking",
                (daemon, name) -> release
                        ? daemon.call(Routes.RELEASE_KEEPALIVE, name).status()
                        : "kept awake until "
                                + daemon.call(Routes.KEEPALIVE.with(new KeepaliveRequest(time), name))
                                        .until());
    }

    private static boolean isKeepalive(String text) {
        return LooseDuration.read(text)
                .filter(time -> time.isPositive() && time.compareTo(MAX_KEEPALIVE) <= 0)
                .isPresent();
    }

    public static Verb prune() {
        Usage usage = Usage.of("delete instances that were stopped long ago")
                .with(
                        SystemVerbs.AGE + " --stopped-older-than",
                        Value.of("DUR", "1d", "7d", "30d"),
                        "the least time since the stop: 30s, 45m, 12h, 7d (required)")
                .withQuiet()
                .details("Deletes them as `aegis instance delete` does, with disks and logs, and prints which.")
                .example("aegis instance prune --older-than 7d");
        return new Verb(usage, InstanceVerbs::prune);
    }

    private static int prune(Arguments arguments, Session session) throws IOException {
        String age = SystemVerbs.age(arguments);
        if (age == null) {
            throw arguments.wrong(SystemVerbs.AGE + " is missing: write " + SystemVerbs.AGE + " 7d");
        }
        boolean json = arguments.has("--json");
        try (DaemonClient daemon = session.daemon()) {
            boolean quiet = arguments.has("--quiet");
            Map<String, String> handles = json || quiet ? Map.of() : handlesOfStopped(daemon);
            PruneView pruned;
            try (StatusLine _ = StatusLine.waiting(session.console(), "pruning")) {
                pruned = daemon.call(Routes.PRUNE.to().query("older_than", age));
            }
            if (json) {
                session.console().line(ApiJson.write(pruned));
            } else if (quiet) {
                session.console()
                        .print(pruned.ids().stream().map(id -> id + "\n").collect(Collectors.joining()));
            } else {
                session.console().print(text(pruned, handles, age));
            }
            return 0;
        }
    }

    private static Map<String, String> handlesOfStopped(DaemonClient daemon) throws IOException {
        Map<String, String> handles = new HashMap<>();
        for (InstanceView instance : daemon.call(Routes.LIST.to().query("state", "stopped"))) {
            if (instance.handle() != null) {
                handles.put(instance.id(), " (" + instance.handle() + ")");
            }
        }
        return handles;
    }

    private static String text(PruneView pruned, Map<String, String> handles, String age) {
        if (pruned.ids().isEmpty()) {
            return "no instance has been stopped for more than " + age + "\n";
        }
        StringBuilder text = new StringBuilder(64 * pruned.ids().size());
        for (String id : pruned.ids()) {
            text.append(Printable.of(id + handles.getOrDefault(id, ""))).append(": deleted\n");
        }
        return text.append(pruned.pruned())
                .append(pruned.pruned() == 1 ? " instance" : " instances")
                .append(" removed\n")
                .toString();
    }
}
