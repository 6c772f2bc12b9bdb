package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SystemViews.HostReport;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;

/**
 * Starts the daemon in the background: in a session of its own (Ctrl+C in the terminal must not reach it), without our
 * stdin, stdout and stderr (a program that reads our output to its end must not wait for the daemon's end).
 */
public final class DaemonLauncher {
    /** A loaded machine under emulation has been seen to need 10 s. */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** As the daemon makes its files: for its user alone. */
    private static final FileAttribute<Set<PosixFilePermission>> OURS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** How long one that is to end again may take. */
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private static final int LOG_TAIL_BYTES = 2000;
    /** With less, the daemon may not even be able to say why it ended. */
    private static final long LITTLE_ROOM_KB = 1024;
    /** The file lock keeps processes apart; the threads of one need a lock of their own. */
    private static final Object THREADS = new Object();

    private final AegisHome home;
    private final Path aegisd;
    private final Duration patience;
    /** What {@link #launch} waits for: the script that makes a package ready, or the daemon. */
    private @Nullable Process started;

    private boolean givenUp;

    public DaemonLauncher(AegisHome home, Path aegisd) {
        this(home, aegisd, START_LIMIT);
    }

    /** @param patience how long the daemon may take until it answers */
    DaemonLauncher(AegisHome home, Path aegisd, Duration patience) {
        this.home = home;
        this.aegisd = aegisd;
        this.patience = patience;
    }

    public AegisHome home() {
        return home;
    }

    /** Where {@code aegisd} is: beside the program that asks, whose launcher names the directory. */
    public static Path program() {
        return Path.of(System.getProperty("aegis.bin", "bin"), "aegisd")
                .toAbsolutePath()
                .normalize();
    }

    /** A client of the daemon that this starts; not connected. */
    public DaemonClient client() {
        return new DaemonClient(home.socket());
    }

    /** Starts a daemon when none answers, and returns when one does; false when one was there already. */
    public boolean launch() throws IOException {
        requireProgram();
        try {
            Files.createDirectories(
                    home.data(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            synchronized (THREADS) {
                return launchAlone();
            }
        } catch (FileSystemException obstacle) {
            String why = "cannot use the home directory " + home.root() + ": " + HostError.text(obstacle) + " ("
                    + AegisHome.VARIABLE + " sets another one)";
            throw new DaemonException(why, obstacle);
        }
    }

    private boolean launchAlone() throws IOException {
        try (FileChannel lock =
                FileChannel.open(home.startLock(), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OURS)) {
            lock.lock();
            if (answers()) {
                return false;
            }
            makeReady();
            startAndWait();
            return true;
        }
    }

    private void requireProgram() throws DaemonException {
        if (!Files.isExecutable(aegisd)) {
            throw new DaemonException(
                    "the daemon's program is missing: " + aegisd + ": reinstall AegisVM (in a checkout: make all)");
        }
    }

    /** What the host has and lacks, in the daemon's eyes; no daemon is started. KVM may be tried again first. */
    public HostReport check(boolean kvm) throws IOException {
        requireProgram();
        String mode = kvm ? "--check-kvm" : "--check";
        Process process = inHome(new ProcessBuilder(aegisd.toString(), mode).redirectErrorStream(true))
                .start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            // A warning of the JVM may come first.
            String last = printed.substring(printed.lastIndexOf('\n') + 1);
            return ApiJson.answer(HostReport.class, last.getBytes(StandardCharsets.UTF_8));
        } catch (RuntimeException noReport) {
            throw new DaemonException(aegisd + " " + mode + " failed to check the host: " + printed, noReport);
        }
    }

    /** A script makes a package ready for its user and shows its progress; a rehearsal has no user. */
    private void makeReady() throws IOException {
        Path script = Build.installed("scripts/make-ready");
        if (Files.isExecutable(script) && !Boolean.getBoolean("aegis.rehearsal")) {
            Process made = begin(new ProcessBuilder(script.toString())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT));
            if (made.onExit().join().exitValue() != 0) {
                throw new DaemonException("setup failed; fix the problem above, and run the command again");
            }
        }
    }

    private void startAndWait() throws IOException {
        if (Files.notExists(home.daemonLog())) {
            Files.createFile(home.daemonLog(), OURS);
        }
        long logStart = Files.size(home.daemonLog());
        ProcessBuilder detached = Program.detached(aegisd)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.daemonLog().toFile()))
                .directory(home.root().toFile());
        Process daemon = begin(detached);
        await(daemon.toHandle());
        Optional<ProcessHandle> other = daemon.isAlive() ? Optional.empty() : otherDaemon();
        if (other.isPresent()) {
            await(other.get());
        }
        if (!answers()) {
            throw failure(daemon, logStart);
        }
        answered();
    }

    private synchronized Process begin(ProcessBuilder program) throws IOException {
        if (givenUp) {
            throw new InterruptedIOException("interrupted before aegisd was started");
        }
        Process process = inHome(program).start();
        started = process;
        return process;
    }

    /** Has {@link #launch} start nothing more, and ends what it waits for; whether there was any. For any thread. */
    public synchronized boolean giveUp() {
        givenUp = true;
        Process waited = started;
        if (waited == null) {
            return false;
        }
        waited.destroy();
        waited.onExit()
                .completeOnTimeout(waited, END_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
        return true;
    }

    private synchronized void answered() {
        started = null;
    }

    /** One that another program, such as systemd, has just started; its pid is in the file that it locks. */
    private Optional<ProcessHandle> otherDaemon() throws IOException {
        String pid = Files.exists(home.daemonLock()) ? Files.readString(home.daemonLock()) : "";
        Optional<ProcessHandle> named =
                pid.matches("[0-9]{1,10}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
        return named.filter(process -> isDaemon(process.pid()));
    }

    /** Whether a process is a daemon: a file that names its pid outlives it, and pids are used again, even by us. */
    public static boolean isDaemon(long pid) {
        return pid != ProcessHandle.current().pid()
                && ProcessIdentity.commandLine(pid).stream()
                        .anyMatch(word -> word.contains("aegisd") || word.startsWith("dev.aegisvm.daemon"));
    }

    private ProcessBuilder inHome(ProcessBuilder builder) {
        builder.environment().put(AegisHome.VARIABLE, home.root().toString());
        builder.environment().put(AegisHome.CACHE_VARIABLE, home.cache().toString());
        return builder;
    }

    /** Asks whether a daemon answers when a file appears or changes, until it does, this one ends, or time is up. */
    private void await(ProcessHandle daemon) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (WatchService watch = home.root().getFileSystem().newWatchService()) {
            home.root().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            home.data().register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            var _ = daemon.onExit().thenRun(() -> closeQuietly(watch));
            while (!answers() && daemon.isAlive()) {
                WatchKey key = watch.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    return;
                }
                key.pollEvents();
                key.reset();
            }
        } catch (ClosedWatchServiceException daemonEnded) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DaemonException("interrupted while waiting for aegisd", e);
        }
    }

    /** One that was just killed takes connections until the kernel has closed its socket; it answers nothing. */
    private boolean answers() throws IOException {
        try (DaemonClient client = client()) {
            client.json(Routes.STATUS.to());
            return true;
        } catch (ApiException refusal) {
            return true;
        } catch (DaemonException notOurs) {
            throw notOurs;
        } catch (IOException none) {
            return false;
        }
    }

    private DaemonException failure(Process daemon, long logStart) throws IOException {
        String what = daemon.isAlive()
                ? "aegisd (pid " + daemon.pid() + ") does not answer after " + patience.toSeconds() + " s"
                : "aegisd ended with exit code " + daemon.exitValue();
        String said = logTail(logStart);
        what += (said.isEmpty() ? " and printed nothing" : "; its output:\n" + said) + "\n(its log: " + home.daemonLog()
                + ")";
        long freeKb = Files.getFileStore(home.data()).getUsableSpace() >> 10;
        if (freeKb < LITTLE_ROOM_KB) {
            what += "\nthere are " + freeKb + " KB free at " + home.data()
                    + ", which is too little to start: free some space (df -h " + home.data() + ")";
        }
        return new DaemonException(what);
    }

    /** The last lines that the daemon logged since it was started, indented. */
    private String logTail(long logStart) throws IOException {
        byte[] log = Files.readAllBytes(home.daemonLog());
        int from = (int) Math.max(Math.min(logStart, log.length), log.length - LOG_TAIL_BYTES);
        String tail = new String(log, from, log.length - from, StandardCharsets.UTF_8).strip();
        return tail.isEmpty() ? "" : "    " + tail.replace("\n", "\n    ");
    }

    private static void closeQuietly(WatchService watch) {
        try {
            watch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
