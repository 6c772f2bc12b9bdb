package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.*;
import dev.aegisvm.host.ProcessIdentity;

/** The beginning and the end of the daemon's process. */
final class DaemonProcess {
    /** A VM has 5 s for its main process and 10 s for its power-off; emulation and many VMs take their time. */
    private static final long DOWN_LIMIT_SECONDS = 90;

    private DaemonProcess() {}

    /** What it says of itself; started when it does not run. */
    static StatusView running(Session session) throws IOException {
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

    /** Ends the daemon and every VM, if it runs; returns when it has ended. */
    static void end(Session session) throws IOException {
        Optional<ProcessHandle> daemon = daemon(session.home().pidFile());
        if (daemon.isPresent()) {
            try (StatusLine _ = StatusLine.waiting(session.console(), "stopping every VM")) {
                end(daemon.get(), session);
            }
        }
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

    /**
     * {@code aegis up --restart}: the daemon ends and another starts, and what ran runs again.
     *
     * @param ran the instances that ran or were paused, by name or id
     */
    record Restart(List<String> ran) {
        static final Restart NONE = new Restart(List.of());

        /** Ends the daemon, if there is one. What a `run` owns goes with it, as with {@code aegis down}. */
        static Restart begin(Session session) throws IOException {
            // Not the session's own client, which would advise a restart.
            try (DaemonClient old = new DaemonClient(session.home().socket())) {
                List<String> ran = old.call(Routes.LIST).stream()
                        .filter(each -> each.state() != InstanceStatus.STOPPED && !each.ephemeral())
                        .map(InstanceView::name)
                        .toList();
                end(session);
                return new Restart(ran);
            } catch (NotRunningException none) {
                return NONE;
            }
        }

        /** Starts the daemon; where that fails, says which instances it would have started. */
        StatusView daemon(Session session) throws IOException {
            try {
                return running(session);
            } catch (IOException obstacle) {
                if (!ran.isEmpty()) {
                    session.console().say("aegis: these instances ran, and are stopped: " + names());
                }
                throw obstacle;
            }
        }

        private String names() {
            return Printable.of(String.join(", ", ran));
        }

        /** Starts each instance that ran; false when one could not be started, which is said. */
        boolean startInstances(Session session) throws IOException {
            boolean all = true;
            try (DaemonClient daemon = session.daemon();
                    StatusLine _ = StatusLine.waiting(session.console(), "starting what ran: " + names())) {
                for (String each : ran) {
                    try {
                        daemon.call(Routes.START, each);
                    } catch (ApiException refusal) {
                        all = false;
                        session.console().say("aegis: " + Printable.of(each) + " ran, and does not start:");
                        session.say(refusal);
                    }
                }
            }
            return all;
        }
    }
}
