package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.NotRunningException;
import dev.aegisvm.host.ProcessIdentity;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The verbs about the daemon itself. */
public final class DaemonVerbs {
    private DaemonVerbs() {}

    /** {@code aegis up}: starts the daemon in the background. */
    public static final class Up implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("start the daemon")
                    .details("Does nothing when it is running. Commands that need the daemon start it themselves.")
                    .example("aegis up");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            try (DaemonClient client = session.daemon()) {
                StatusView status = client.call(Routes.STATUS);
                session.console().line("aegisd: running (pid " + status.pid() + ")");
                return 0;
            }
        }
    }

    /** {@code aegis down}: stops the daemon, which ends every VM first. */
    public static final class Down implements Verb {
        /** A VM has 5 s for its main process and 10 s for its power-off; emulation and many VMs take their time. */
        private static final long LIMIT_SECONDS = 90;

        @Override
        public Usage usage() {
            return Usage.of("stop the daemon and every VM")
                    .details("Returns when the daemon has ended. Instances are stopped, not deleted.")
                    .example("aegis down");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            Optional<ProcessHandle> daemon = daemon(session.home().pidFile());
            if (daemon.isPresent()) {
                try (StatusLine _ = StatusLine.waiting(session.console(), "stopping every VM")) {
                    end(daemon.get(), session);
                }
            }
            session.console().line("aegisd: stopped");
            return 0;
        }

        private static void end(ProcessHandle daemon, Session session) throws IOException {
            daemon.destroy();
            try {
                var _ = CompletableFuture.anyOf(
                                daemon.onExit(), lockIsFree(session.home().daemonLock()))
                        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException late) {
                throw new DaemonException(
                        "aegisd (pid " + daemon.pid() + ") has not ended after " + LIMIT_SECONDS + " s; its log is "
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
    }

    /** {@code aegis status}: is there a daemon, and what does it run on? */
    public static final class Status implements Verb {
        private static final int STOPPED = 3;

        @Override
        public Usage usage() {
            return Usage.of("show whether the daemon is running")
                    .withJson()
                    .details("Exits with 0 when it is running, and with 3 when it is not. Starts nothing.")
                    .example("aegis status");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            Console console = session.console();
            boolean json = arguments.has("--json");
            try (DaemonClient client = session.client()) {
                StatusView status = client.call(Routes.STATUS);
                if (json) {
                    console.line(ApiJson.write(status));
                } else {
                    console.print("aegisd: " + Printable.of(status.status()) + "\nbackend: "
                            + Printable.of(status.backend()) + "\n");
                    if (status.routerError() != null) {
                        console.print("HTTP router: " + Printable.of(status.routerError()) + "\n");
                    }
                }
                return 0;
            } catch (NotRunningException none) {
                console.line(json ? "{\"status\":\"stopped\"}" : "aegisd: stopped");
                return STOPPED;
            }
        }
    }
}
