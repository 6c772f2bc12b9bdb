package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.StatsView.HeldView;
import dev.aegisvm.api.SystemViews.*;
import dev.aegisvm.cli.attack.Attack;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.*;
import dev.aegisvm.host.*;

/** The verbs about the daemon, its host, and what it keeps on the disk. */
public final class SystemVerbs {
    /** What {@code aegis status} exits with when there is no daemon. */
    private static final int NOT_RUNNING = 3;

    private static final ActionView STOPPED = new ActionView("stopped");

    private static final String HELD = "held for guests and clients";
    private static final String INDENT = "        ";
    private static final String RESTART = "--restart";
    /** A VM has 5 s for its main process and 10 s for its power-off; emulation and many VMs take their time. */
    private static final Duration DOWN_LIMIT = Duration.ofSeconds(90);

    private SystemVerbs() {}

    public static Verb up() {
        return Verb.of("start the daemon")
                .interrupted("aegis status shows whether aegisd runs")
                .with(RESTART, "restart the daemon and the instances that were running")
                .does((arguments, session) -> {
                    List<String> ran = arguments.has(RESTART) ? endForRestart(session) : List.of();
                    StatusView status = runningAgain(ran, session);
                    session.print(status, "aegisd: running (pid " + status.pid() + ")");
                    PortVerbs.warn(status, session);
                    return startAgain(ran, session) ? 0 : Verb.FAILED;
                });
    }

    public static Verb down() {
        return Verb.of("stop the daemon and every VM").does((arguments, session) -> {
            end(session);
            session.print(STOPPED, "aegisd: stopped");
            return 0;
        });
    }

    public static Verb status() {
        return Verb.of("show whether the daemon is running").does((arguments, session) -> {
            try (DaemonClient client = session.client()) {
                StatusView status = client.call(Routes.STATUS);
                String router = PortVerbs.router(status);
                session.print(
                        status,
                        "aegisd: " + Printable.of(status.status()) + "\nbackend: " + Printable.of(status.backend())
                                + (router == null ? "" : "\nHTTP router: " + Printable.of(router))
                                + held(status)
                                        .map(held -> "\n" + HELD + ": " + held)
                                        .orElse(""));
                return 0;
            } catch (DaemonException.NotRunning none) {
                session.print(STOPPED, "aegisd: stopped");
                return NOT_RUNNING;
            }
        });
    }

    /** Prints what {@code aegisd --check} found, and whether a daemon answers. */
    public static Verb doctor() {
        return Attack.declare(Verb.of("check that this host has what VMs need")
                        .with(
                                "--kvm",
                                "try KVM again, by booting a guest with it; VMs that start later use what works"))
                .does(SystemVerbs::doctor);
    }

    private static int doctor(Arguments arguments, Session session) throws IOException {
        if (arguments.has("--attack")) {
            return Attack.run(arguments, session);
        }
        if (arguments.has("--reach")) {
            throw arguments.wrong("--reach can only be used with --attack");
        }
        List<Check> checks = new ArrayList<>();
        try {
            checks.addAll(session.launcher().check(arguments.has("--kvm")).checks());
        } catch (DaemonException obstacle) {
            String advice = "make all, or make install in an installation";
            checks.add(new Check("aegisd", "bad", String.valueOf(obstacle.getMessage()), advice));
        }
        addDaemon(session, checks);
        HostReport report = HostReport.of(checks);
        session.print(report, text(checks, session.console().colours()));
        return report.ok() ? 0 : Verb.FAILED;
    }

    private static void addDaemon(Session session, List<Check> checks) {
        try (DaemonClient client = session.client()) {
            StatusView status = client.call(Routes.STATUS);
            String found = "aegisd " + status.version() + " (pid " + status.pid() + ") on "
                    + session.home().socket();
            checks.add(new Check("daemon", "ok", found, null));
            held(status).ifPresent(held -> checks.add(new Check(HELD, "ok", held, null)));
            if (status.routerError() != null) {
                String means = "only the HTTP router is affected; exposed ports still work";
                checks.add(new Check("HTTP router", "note", status.routerError(), means));
            }
        } catch (DaemonException.NotRunning none) {
            checks.add(new Check("daemon", "ok", "not running (commands start it)", null));
        } catch (IOException | ApiException | IllegalArgumentException broken) {
            String advice = "aegis down; see " + session.home().daemonLog();
            checks.add(new Check("daemon", "bad", HostError.text(broken), advice));
        }
    }

    /** Absent where the daemon is of a version that does not say it. */
    private static Optional<String> held(StatusView status) {
        HeldView held = status.held();
        return held == null || held.maxBytes() == null
                ? Optional.empty()
                : Optional.of(Printable.bytes(held.bytes()) + " of " + Printable.bytes(held.maxBytes()) + ", "
                        + held.files() + " of " + held.maxFiles() + " descriptors");
    }

    private static String text(List<Check> checks, boolean colours) {
        StringJoiner text = new StringJoiner("\n");
        for (Check check : checks) {
            String verdict = check.verdict();
            text.add((colours ? colour(verdict).paint(verdict) : verdict)
                    + " ".repeat(Math.max(1, 6 - verdict.length())) + check.name() + ": " + indented(check.found()));
            if (check.mend() != null) {
                text.add(INDENT + indented(check.mend()));
            }
        }
        return text.toString();
    }

    /** What a program said may have several lines. */
    private static String indented(String text) {
        return text.lines().map(line -> Printable.of(line.strip())).collect(Collectors.joining("\n" + INDENT));
    }

    private static Colour colour(String verdict) {
        return switch (verdict) {
            case "ok" -> Colour.GREEN;
            case "note" -> Colour.YELLOW;
            default -> Colour.RED;
        };
    }

    /** Starts the daemon when it does not run. */
    private static StatusView running(Session session) throws IOException {
        try {
            return session.daemon().call(Routes.STATUS);
        } catch (DaemonException told) {
            throw told;
        } catch (IOException dying) {
            // Killed a moment ago, it took the connection.
            session.launcher().launch();
        }
        return session.daemon().call(Routes.STATUS);
    }

    /** Ends the daemon and every VM, if it runs; returns when it has ended. */
    private static void end(Session session) throws IOException {
        ProcessIdentity daemon = daemon(session.home().pidFile()).orElse(null);
        if (daemon == null) {
            return;
        }
        try (StatusLine _ = StatusLine.waiting(session.console(), "stopping every VM")) {
            daemon.kill(Posix.SIGTERM);
            if (!daemon.awaitEnd(DOWN_LIMIT)) {
                throw new DaemonException(
                        "aegisd (pid " + daemon.pid() + ") has not ended after " + DOWN_LIMIT.toSeconds()
                                + " s; its log is " + session.home().daemonLog());
            }
        }
    }

    /** The daemon that the pid file names, if it runs. */
    private static Optional<ProcessIdentity> daemon(Path pidFile) throws IOException {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            return ProcessIdentity.held(pid).filter(_ -> DaemonLauncher.isDaemon(pid));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (NumberFormatException damaged) {
            throw new DaemonException(pidFile + " is damaged; stop aegisd with kill (see `pgrep -fa aegisd`)", damaged);
        }
    }

    /** Ends the daemon, if there is one, and what a `run` owns; gives the names of other instances that were awake. */
    private static List<String> endForRestart(Session session) throws IOException {
        // Not the session's own client, which would advise a restart.
        try (DaemonClient old = new DaemonClient(session.home().socket())) {
            List<String> ran = old.call(Routes.LIST).stream()
                    .filter(each -> each.state() != InstanceStatus.STOPPED && !each.ephemeral())
                    .map(InstanceView::name)
                    .toList();
            if (!ran.isEmpty()) {
                session.ifInterrupted(wereRunning(ran));
            }
            end(session);
            return ran;
        } catch (DaemonException.NotRunning none) {
            return List.of();
        }
    }

    /** Starts the daemon; where that fails, says which instances ran before. */
    private static StatusView runningAgain(List<String> ran, Session session) throws IOException {
        try {
            return running(session);
        } catch (IOException obstacle) {
            if (!ran.isEmpty()) {
                session.console().say("aegis: " + wereRunning(ran));
            }
            throw obstacle;
        }
    }

    private static String wereRunning(List<String> ran) {
        return "these instances were running; use `aegis start`: " + names(ran);
    }

    private static String names(List<String> ran) {
        return Printable.of(String.join(", ", ran));
    }

    /** Starts each instance that ran; false when one could not be started, which is said. */
    private static boolean startAgain(List<String> ran, Session session) throws IOException {
        try (StatusLine _ = StatusLine.waiting(session.console(), "restarting instances: " + names(ran))) {
            Asking.Step<String> start = (daemon, each) -> {
                try {
                    daemon.call(Routes.START, each);
                } catch (ApiException refusal) {
                    session.console().say("aegis: " + Printable.of(each) + " was running, but did not start again:");
                    throw refusal;
                }
            };
            return Asking.each(ran, session, start) == 0;
        }
    }

    public static Verb df() {
        Verb verb = Verb.of("show what AegisVM keeps on the disk, and what can be removed");
        return Asking.showing(verb, _ -> Routes.STORAGE.to(), SystemVerbs::table);
    }

    private static String table(List<StorageView> parts) {
        TextTable table = new TextTable("PART", "COUNT", "SIZE", "RECLAIMABLE");
        parts.forEach(part -> table.row(
                part.part(),
                Integer.toString(part.count()),
                Printable.bytes(part.bytes()),
                Printable.bytes(Objects.requireNonNullElse(part.reclaimableBytes(), 0L))));
        return table.text(false);
    }

    public static Verb prune() {
        return Asking.pruning(
                Verb.of("remove unused images, templates, old guest files and old logs")
                        .with(Asking.AGE + " DUR", "only what was unused for this long; also removes old logs")
                        .offering("1d", "7d", "30d"),
                "Remove unused data? `aegis system df` shows it as RECLAIMABLE.",
                arguments -> Routes.PRUNE_STORAGE.to().query("older_than", Asking.age(arguments)),
                SystemVerbs::text);
    }

    private static String text(List<StorageView> removed) {
        List<String> lines = new ArrayList<>();
        for (StorageView part : removed) {
            lines.add(part.part() + ": " + part.count() + " removed, " + Printable.bytes(part.bytes()) + " freed");
        }
        long bytes = removed.stream().mapToLong(StorageView::bytes).sum();
        lines.add("in all: " + Printable.bytes(bytes) + " freed");
        return Asking.lines(lines);
    }
}
