package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.start.Machines.Machine;
import dev.aegisvm.vmm.start.Machines.NotStarted;

/** A running QEMU in its jail, and the sockets that it was told to connect to. Its end is noticed however it comes. */
final class QemuMachine implements Machine {
    /** What the monitor does takes milliseconds; on a host so busy that it takes this long, something is wrong. */
    static final Duration MONITOR_LIMIT = Duration.ofSeconds(20);

    private static final int SIGNALLED = 128;
    /** It has some about each machine of ours. */
    private static final String WARNINGS = "(?m)^.*: warning: .*\\R?";

    private final QemuCommandLine line;
    private final String madeBy;
    private final Jailed program;
    private final SocketChannel channel;
    private final QmpClient monitor;
    private final OutputTail console = new OutputTail(OutputTail.CONSOLE_BYTES);
    private final CompletableFuture<VmExit> exit;
    /** Whether the launcher has made QEMU's second monitor ready. */
    private final AtomicBoolean takesFiles = new AtomicBoolean();

    private volatile Optional<Passt> network = Optional.empty();

    /**
     * Starts QEMU and waits until it has connected to its sockets, which is before the guest runs.
     *
     * @param madeBy by what its memory can be loaded again
     * @throws VmmException with what QEMU printed, if it ended before that
     */
    QemuMachine(QemuCommandLine line, Jail jail, QemuFiles files, String madeBy) throws VmmException {
        this.line = line;
        this.madeBy = madeBy;
        Path run = line.run();
        try (Doorbell forMonitor = Doorbell.listen(run.resolve(QemuCommandLine.QMP_SOCKET));
                Doorbell forConsole = Doorbell.listen(run.resolve(QemuCommandLine.CONSOLE_SOCKET));
                Doorbell forChannel = Doorbell.listen(run.resolve(QemuCommandLine.CHANNEL_SOCKET))) {
            program = launched(line, jail, files);
            OutputTail complaints = new OutputTail(OutputTail.DIAGNOSTICS_BYTES);
            // On a virtual thread, since much hangs on an exit and Java's own process reapers have tiny stacks.
            exit = program.exit()
                    .thenApplyAsync(
                            ended -> {
                                List.of(forMonitor, forConsole, forChannel).forEach(Doorbell::close);
                                String told = complaints
                                        .awaitEnd()
                                        .replaceAll(WARNINGS, "")
                                        .strip();
                                return new VmExit(end(ended), console.awaitEnd(), told);
                            },
                            Thread.ofVirtual().name("exit-" + program.identity().pid())::start);
            try {
                complaints.follow(Channels.newChannel(program.output()), OutputTail.PIPE_READERS);
                console.follow(forConsole.accept(), OutputTail.SOCKET_READERS);
                channel = forChannel.accept();
                monitor = new QmpClient(forMonitor.accept());
            } catch (IOException e) {
                boolean alive = program.identity().alive();
                program.kill();
                VmExit ended = exit.join();
                if (alive) {
                    throw e;
                }
                throw endedAtStart(ended, e);
            }
        } catch (IOException e) {
            throw new NotStarted(
                    "cannot start QEMU: " + e.getMessage(), "Run `aegis doctor` to see what is missing.", e);
        }
    }

    private static Jailed launched(QemuCommandLine line, Jail jail, QemuFiles files) throws IOException, VmmException {
        Files.createDirectories(line.nothing());
        int shares = line.launch().spec().shares().size();
        if (shares > 1 && !jail.hasRoot()) {
            throw new VmmException(
                    "this host allows no namespaces, so a VM can share only one host directory, not " + shares,
                    "Share one directory that contains them all, or allow namespaces (`aegis doctor` says how).");
        }
        return jail.start(files.usr(), line.cell(), line.arguments(Processor.ours()));
    }

    /** QEMU ends with 0 when its guest does, else with 1; its launcher adds 128 to the number of a signal. */
    private static End end(int status) {
        if (status > SIGNALLED) {
            return new End.BySignal(status - SIGNALLED);
        }
        return status == 0 ? new End.PoweredOff() : new End.Failed(status);
    }

    private static NotStarted endedAtStart(VmExit ended, IOException cause) {
        return new NotStarted(
                "QEMU ended at its start: " + (ended.diagnostics().isEmpty() ? ended.end() : ended.diagnostics()),
                "Run `aegis doctor`; if QEMU was just upgraded, try again.",
                cause);
    }

    @Override
    public ProcessIdentity process() {
        return program.identity();
    }

    String madeBy() {
        return madeBy;
    }

    QmpClient monitor() {
        return monitor;
    }

    @Override
    public ByteChannel channel() {
        return channel;
    }

    @Override
    public CompletableFuture<VmExit> exit() {
        return exit;
    }

    /** Brings up the network that its device connects to, until it ends. */
    void connect(Jail jail) throws VmmException {
        network = Optional.of(
                new Passt(jail, line.run(), exit, line.launch().spec().notices()));
    }

    @Override
    public long printed() {
        return console.printed();
    }

    @Override
    public OptionalLong uses() throws IOException {
        return monitor.uses();
    }

    @Override
    public void save(Path directory) throws IOException {
        Path devices = line.run().resolve("making.devices");
        monitor.stop();
        monitor.save(devices.toString(), false);
        new SavedMachine(directory)
                .copy(devices, line.memoryToSave(), line.disk().getLast(), madeBy);
    }

    @Override
    public void resume() throws IOException {
        monitor.resume();
    }

    /** Passes a file to QEMU, which finds it by this path. Only its launcher can, by a second monitor. */
    Path addFile(int set, Jailed.Access access, Path file) throws IOException {
        if (takesFiles.compareAndSet(false, true)) {
            program.send("{\"execute\":\"qmp_capabilities\"}");
            awaitReturn();
        }
        program.send("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":" + set + "}}", access, file);
        awaitReturn();
        return Path.of("/dev/fdset/" + set);
    }

    /** A greeting and events may come before. */
    private void awaitReturn() throws IOException {
        String answer;
        do {
            answer = program.hear();
            if (answer.startsWith("{\"error\"")) {
                throw new IOException("QEMU did not accept a file: " + answer);
            }
        } while (!answer.startsWith("{\"return\""));
    }

    @Override
    public void discard() {
        kill();
        hangUp();
    }

    /** What is left when the process has ended. */
    void hangUp() {
        try (channel;
                monitor) {
            network.ifPresent(Passt::close);
        } catch (IOException alreadyClosed) {
            // The peer is gone; there is nothing left to lose.
        }
    }

    /** A unix socket that waits for exactly one visitor. Closing it wakes the thread that waits. */
    record Doorbell(ServerSocketChannel server, Path path) implements AutoCloseable {
        static Doorbell listen(Path path) throws IOException {
            Files.deleteIfExists(path);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(path), 1);
            } catch (IOException e) {
                server.close();
                throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
            }
            return new Doorbell(server, path);
        }

        /** Waits for the visitor; the socket's name is gone afterwards. */
        SocketChannel accept() throws IOException {
            try (this) {
                return server.accept();
            }
        }

        @Override
        public void close() {
            try {
                server.close();
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close the socket " + path, e);
            }
        }
    }
}
