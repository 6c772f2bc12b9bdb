package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.HostReport.Check;
import dev.aegisvm.cli.attack.Attack;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.*;
import dev.aegisvm.host.HostError;

/** The verbs about the daemon and its host. */
public final class DaemonVerbs {
    /** What {@code aegis status} exits with when there is no daemon. */
    private static final int NOT_RUNNING = 3;

    private static final ActionView STOPPED = new ActionView("stopped");

    private static final String INDENT = "        ";
    private static final String RESTART = "--restart";

    private DaemonVerbs() {}

    public static Verb up() {
        Usage usage =
                Usage.of("start the daemon").with(RESTART, "end the one that runs first; instances that ran run again");
        return new Verb(usage, (arguments, session) -> {
            DaemonProcess.Restart restart =
                    arguments.has(RESTART) ? DaemonProcess.Restart.begin(session) : DaemonProcess.Restart.NONE;
            StatusView status = restart.daemon(session);
            session.print(status, "aegisd: running (pid " + status.pid() + ")");
            RouterNotice.warn(status, session);
            return restart.startInstances(session) ? 0 : Verb.FAILED;
        });
    }

    public static Verb down() {
        Usage usage = Usage.of("stop the daemon and every VM");
        return new Verb(usage, (arguments, session) -> {
            DaemonProcess.end(session);
            session.print(STOPPED, "aegisd: stopped");
            return 0;
        });
    }

    public static Verb status() {
        Usage usage = Usage.of("show whether the daemon is running");
        return new Verb(usage, (arguments, session) -> {
            try (DaemonClient client = session.client()) {
                StatusView status = client.call(Routes.STATUS);
                String router = RouterNotice.text(status);
                session.print(
                        status,
                        "aegisd: " + Printable.of(status.status()) + "\nbackend: " + Printable.of(status.backend())
                                + (router == null ? "" : "\nHTTP router: " + Printable.of(router)));
                return 0;
            } catch (NotRunningException none) {
                session.print(STOPPED, "aegisd: stopped");
                return NOT_RUNNING;
            }
        });
    }

    /** {@code aegis doctor}: prints what {@code aegisd --check} found, and whether a daemon answers. */
    public static Verb doctor() {
        Usage usage = Attack.declare(Usage.of("check that this host has what VMs need"));
        return new Verb(usage, DaemonVerbs::doctor);
    }

    private static int doctor(Arguments arguments, Session session) throws IOException {
        if (arguments.has("--attack")) {
            return Attack.run(arguments, session);
        }
        if (arguments.has("--reach")) {
            throw arguments.wrong("--reach goes with --attack");
        }
        List<Check> checks = new ArrayList<>();
        addHost(session, checks);
        addDaemon(session, checks);
        HostReport report = HostReport.of(checks);
        session.print(report, text(checks, session.console().colours()));
        return report.ok() ? 0 : Verb.FAILED;
    }

    private static void addHost(Session session, List<Check> checks) throws IOException {
        try {
            checks.addAll(session.launcher().check().checks());
        } catch (DaemonException obstacle) {
            String mend = "make all, or make install in an installation";
            checks.add(new Check("aegisd", "bad", String.valueOf(obstacle.getMessage()), mend));
        }
    }

    private static void addDaemon(Session session, List<Check> checks) {
        try (DaemonClient client = session.client()) {
            StatusView status = client.call(Routes.STATUS);
            String found = "aegisd " + status.version() + " (pid " + status.pid() + ") on "
                    + session.home().socket();
            checks.add(new Check("daemon", "ok", found, null));
            if (status.routerError() != null) {
                String means = "ports of instances work, X-Aegis-Instance does not";
                checks.add(new Check("HTTP router", "note", status.routerError(), means));
            }
        } catch (NotRunningException none) {
            checks.add(new Check("daemon", "ok", "not running (commands start it)", null));
        } catch (IOException | ApiException | IllegalArgumentException broken) {
            String mend = "aegis down; see " + session.home().daemonLog();
            checks.add(new Check("daemon", "bad", HostError.text(broken), mend));
        }
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
}
