package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;

/**
 * A VM with {@code copier.c} in it, which has a virtio port to itself: what the relay and {@code aegis cp} could be at best.
 * It is a VM of a daemon of its own, whose QEMU gets one port more. Behind that is the bench itself: no frames, no credit, no daemon.
 */
final class CopierVm implements AutoCloseable {
    /** What {@code copier.c} understands. */
    enum Job {
        ECHO('e'),
        FROM_PORT('z'),
        TO_PORT('n');

        private final byte letter;

        Job(char letter) {
            this.letter = (byte) letter;
        }
    }

    /** Adds the port to each VM, which connects to a socket beside its others, all that its jail has, once somebody listens there. */
    private static final String QEMU = """
            case "$*" in *max_ports=2*) ;; *) exec /usr/bin/qemu-system-x86_64 "$@" ;; esac
            for word do
                shift
                case "$word" in
                    *,max_ports=2) word="${word%2}3" ;;
                    socket,id=channel,path=*) port="${word#*path=}.bench" ;;
                esac
                set -- "$@" "$word"
            done
            exec /usr/bin/qemu-system-x86_64 "$@" \\
                -chardev "socket,id=bench,reconnect-ms=50,path=$port" \\
                -device virtserialport,chardev=bench,nr=2,name=bench.port
            """;

    private static final Pattern PORT = Pattern.compile("id=bench,reconnect-ms=50,path=([^\0]*)");

    private static final int PIECE = 1 << 16;

    private final Sandbox sandbox;
    private final SocketChannel port;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);

    private CopierVm(Sandbox sandbox, SocketChannel port) {
        this.sandbox = sandbox;
        this.port = port;
    }

    /** Starts it from a template, as other instances start, and the program in it. */
    static CopierVm start(Sandbox like) throws IOException {
        Sandbox sandbox = like.withQemu(QEMU);
        try (DaemonClient client = sandbox.client();
                ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            sandbox.awaitTemplate(Sandbox.ECHO);
            Path programs = sandbox.scratch("programs");
            LoadTarget.build(programs, "copier");
            sandbox.start(
                    client,
                    CreateInstance.of(List.of("/workspace/copier"))
                            .withWorkspace(programs.toString())
                            .withIdlePause("never"));
            long daemon = client.call(Routes.STATUS).pid();
            door.bind(UnixDomainSocketAddress.of(ProcFile.argument(ProcFile.vmsOf(daemon), PORT)));
            return new CopierVm(sandbox, door.accept());
        } catch (IOException obstacle) {
            sandbox.close();
            throw obstacle;
        }
    }

    /** Sends a byte and gets it back. */
    void echo() throws IOException {
        write(ByteBuffer.wrap(new byte[] {Job.ECHO.letter}));
        take(1);
    }

    /** Measures how fast it moves {@link Bytes#SIZE}. */
    Metric rate(Turns turns, String name, String title, Job job) {
        return turns.rate(name, title, () -> {
            write(ByteBuffer.wrap(new byte[] {job.letter}));
            if (job == Job.FROM_PORT) {
                take(Bytes.SIZE);
            } else {
                for (long total = 0; total < Bytes.SIZE; total += PIECE) {
                    write(piece.clear());
                }
                take(1);
            }
        });
    }

    private void take(long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            int got = port.read(piece.clear());
            if (got < 0) {
                throw new EOFException("the copier's VM ended, " + left + " bytes too early");
            }
            left -= got;
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            port.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        try (sandbox) {
            port.close();
        }
    }
}
