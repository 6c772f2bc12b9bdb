package dev.aegisvm.cli;

import dev.aegisvm.client.DaemonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code aegis down}: stops the daemon, which ends every VM first. */
final class DownCommand implements Verb {
    /** A VM has 5 s for its main process and 10 s for its power-off; emulation and many VMs take their time. */
    private static final long LIMIT_SECONDS = 90;

    @Override
    public Usage usage() {
        return Usage.of("down", "stop the daemon and every VM")
                .details("Returns when the daemon has ended. Instances stay, stopped.")
                .example("aegis down");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        Optional<ProcessHandle> daemon = daemon(session.home().pidFile());
        if (daemon.isPresent()) {
            try (Waiting _ = Waiting.on(session.console(), "stopping every VM")) {
                end(daemon.get(), session);
            }
        }
        session.console().line("aegisd: stopped");
        return 0;
    }

    private static void end(ProcessHandle daemon, Session session) throws IOException {
        daemon.destroy();
        try {
            var _ = daemon.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new DaemonException(
                    "aegisd (pid " + daemon.pid() + ") has not ended after " + LIMIT_SECONDS + " s; its log is "
                            + session.home().daemonLog(),
                    late);
        } catch (ExecutionException | InterruptedException broken) {
            throw new DaemonException("cannot wait for the end of aegisd: " + broken.getMessage(), broken);
        }
    }

    /** The process that the pid file names, if it is alive and a daemon of ours: pids are used again. */
    private static Optional<ProcessHandle> daemon(Path pidFile) throws IOException {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            String commandLine = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
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
