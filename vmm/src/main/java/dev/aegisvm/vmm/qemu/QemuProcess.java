package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.start.NotStarted;

/**
 * A running QEMU in its jail, and the three sockets that it was told to connect to. Its end is noticed however it comes.
 */
record QemuProcess(
        Jailed program,
        SocketChannel channel,
        SocketChannel monitor,
        OutputTail console,
        CompletableFuture<VmExit> exit) {
    /** What the monitor does takes milliseconds; on a host so busy that it takes this long, something is wrong. */
    static final Duration MONITOR_LIMIT = Duration.ofSeconds(20);

    private static final int SIGNALLED = 128;
    /** It has some about each machine of ours. */
    private static final String WARNINGS = "(?m)^.*: warning: .*\\R?";

    /**
     * Starts QEMU and waits until it has connected to its sockets, which is before the guest runs.
     *
     * @throws VmmException with what QEMU printed, if it ended before that
     */
    static QemuProcess start(QemuCommandLine line, QemuJail jail) throws VmmException {
        Path run = line.runDirectory();
        try (Doorbell monitor = Doorbell.listen(run.resolve(QemuCommandLine.QMP_SOCKET));
                Doorbell console = Doorbell.listen(run.resolve(QemuCommandLine.CONSOLE_SOCKET));
                Doorbell channel = Doorbell.listen(run.resolve(QemuCommandLine.CHANNEL_SOCKET))) {
            Jailed program = jail.start(line);
            OutputTail words = new OutputTail(OutputTail.CONSOLE_BYTES);
            OutputTail complaints = new OutputTail(OutputTail.DIAGNOSTICS_BYTES);
            // On a virtual thread, since much hangs on an exit and Java's own process reapers have tiny stacks.
            CompletableFuture<VmExit> exit = program.exit()
                    .thenApplyAsync(
                            ended -> {
                                List.of(monitor, console, channel).forEach(Doorbell::close);
                                return new VmExit(
                                        end(ended),
                                        words.awaitEnd(),
                                        complaints
                                                .awaitEnd()
                                                .replaceAll(WARNINGS, "")
                                                .strip());
                            },
                            Thread.ofVirtual().name("exit-" + program.identity().pid())::start);
            try {
                complaints.follow(program.output());
                words.follow(console.accept());
                return new QemuProcess(program, channel.accept(), monitor.accept(), words, exit);
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

    /** QEMU ends with 0 when its guest does, and with 1 for reasons of its own; its launcher adds 128 to the number of a signal. */
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

    ProcessIdentity identity() {
        return program.identity();
    }

    /** A unix socket that waits for exactly one visitor. Closing it wakes whoever waits. */
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
