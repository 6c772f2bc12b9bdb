package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.HostReport.Check;
import dev.aegisvm.cli.attack.Attack;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.NotRunningException;
import dev.aegisvm.host.HostError;
import dev.aegisvm.host.ProcessIdentity;

/** The verbs about the daemon and its host. */
public final class DaemonVerbs {
    /** What {@code aegis status} exits with when there is no daemon. */
    private static final int STOPPED = 3;
    /** A VM has 5 s for its main process and 10 s for its power-off; emulation and many VMs take their time. */
    private static final long DOWN_LIMIT_SECONDS = 90;

    private static final String INDENT = "        ";

    private DaemonVerbs() {}

    public static Verb up() {
        Usage usage = Usage.of("start the daemon")
                .details("Does nothing when it is running. Commands that need the daemon start it themselves.")
                .example("aegis up");
        return new Verb(usage, (_, session) -> {
            StatusView status = running(session);
            session.console().line("aegisd: running (pid " + status.pid() + ")");
            RouterNotice.warn(status, session);
            return 0;
        });
    }

    private static StatusView running(Session session) throws IOException {
        try (DaemonClient client = session.daemon()) {
            return client.call(Routes.STATUS);
        } catch (DaemonException told) {
            throw told;
        } catch (IOException dying) {
            // Killed a moment ago, it took the connection.
            session.launcher().launch();
        }
        try (DaemonClient client = session.daemon()) {
            return client.call(Routes.STATUS);
        }
    }

    public static Verb down() {
        Usage usage = Usage.of("stop the daemon and every VM")
                .details("Returns when the daemon has ended. Instances are stopped, not deleted.")
                .example("aegis down");
        return new Verb(usage, (_, session) -> {
            Optional<ProcessHandle> daemon = daemon(session.home().pidFile());
            if (daemon.isPresent()) {
                try (StatusLine _ = StatusLine.waiting(session.console(), "stopping every VM")) {
                    end(daemon.get(), session);
                }
            }
            session.console().line("aegisd: stopped");
            return 0;
        });
    }

    private static void end(ProcessHandle daemon, Session session) throws IOException {
        daemon.destroy();
        try {
            var _ = CompletableFuture.anyOf(
                            daemon.onExit(), lockIsFree(session.home().daemonLock()))
                    .get(DOWN_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new DaemonException(
                    "aegisd (pid " + daemon.pid() + ") has not ended after " + DOWN_LIMIT_SECONDS + " s; its log is "
                            + session.home().daemonLog(),
                    late);
        } catch (ExecutionException | InterruptedException broken) {
            throw new DaemonException("cannot wait for the end of aegisd: " + broken.getMessage(), broken);
        }
    }

    /**
     * The kernel gives the daemon's lock back when its process ends, and says so at once. Java looks at a process that is
     * not its child a few times a second; and one that nobody reaps, as in a container without an init, it takes for alive.
     */
    private static CompletableFuture<?> lockIsFree(Path file) {
        CompletableFuture<Void> free = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("down").start(() -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.lock(0, 1, true).close();
                free.complete(null);
            } catch (IOException unknown) {
                // The process itself is still being looked at.
            }
        });
        return free;
    }

    /** The process that the pid file names, if it is alive and a daemon of ours: pids are used again. */
    private static Optional<ProcessHandle> daemon(Path pidFile) throws IOException {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            String commandLine = String.join(" ", ProcessIdentity.commandLine(pid));
            return commandLine.contains("dev.aegisvm.daemon") || commandLine.contains("aegisd")
                    ? ProcessHandle.of(pid)
                    : Optional.empty();
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (NumberFormatException damaged) {
            throw new DaemonException(pidFile + " holds no process id; end aegisd by hand", damaged);
        }
    }

    public static Verb status() {
        Usage usage = Usage.of("show whether the daemon is running")
                .withJson()
                .details("Exits with 0 when it is running, and with 3 when it is not. Starts nothing.")
                .example("aegis status");
        return new Verb(usage, (arguments, session) -> {
            Console console = session.console();
            boolean json = arguments.has("--json");
            try (DaemonClient client = session.client()) {
                StatusView status = client.call(Routes.STATUS);
                if (json) {
                    console.line(ApiJson.write(status));
                } else {
                    console.line("aegisd: " + Printable.of(status.status()));
                    console.line("backend: " + Printable.of(status.backend()));
                    String router = RouterNotice.text(status);
                    if (router != null) {
                        console.line("HTTP router: " + Printable.of(router));
                    }
                }
                return 0;
            } catch (NotRunningException none) {
                console.line(json ? "{\"status\":\"stopped\"}" : "aegisd: stopped");
                return STOPPED;
            }
        });
    }

    /** {@code aegis doctor}: prints what {@code aegisd --check} found, and whether a daemon answers. */
    public static Verb doctor() {
        Usage usage = Attack.declare(Usage.of("check that this host has what VMs need"))
                .withJson()
                .details("""
                        Says what to do about each problem. Exits with 1 when something is missing, or when an attack got what
                        it must not get. Changes nothing; what an attack needs is made for it, and removed.""")
                .example("aegis doctor");
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
        Console console = session.console();
        if (arguments.has("--json")) {
            console.line(ApiJson.write(report));
        } else {
            console.print(text(checks, console.colours()));
        }
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
        StringBuilder text = new StringBuilder(1024);
        for (Check check : checks) {
            String verdict = check.verdict();
            text.append(colours ? colour(verdict).paint(verdict) : verdict)
                    .repeat(' ', Math.max(1, 6 - verdict.length()))
                    .append(check.name() + ": " + indented(check.found()) + "\n");
            if (check.mend() != null) {
                text.append(INDENT + indented(check.mend()) + "\n");
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
