package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.host.ProcessIdentity;

/**
 * A VM with {@code copier.c} in it, which has a virtio port to itself: what the relay and {@code aegis cp} could be at
 * best. It is a VM of a daemon of its own, whose QEMU gets one port more. Behind that is the bench itself: no frames,
 * no credit, no daemon.
 */
record CopierVm(Sandbox sandbox, SocketChannel port, ByteBuffer piece) implements AutoCloseable {
    private static final String PORT = "socket,id=bench,reconnect-ms=50,path=";
    private static final int PIECE = 1 << 16;
    /** What {@link #send} and {@link #receive} move. */
    static final long SIZE = 256 << 20;

    /** Starts it from a template, as other instances start, and the program in it. */
    static CopierVm start(Sandbox like) throws IOException {
        Sandbox sandbox = like.withQemu(Sandbox.resource("one-port-more.sh"));
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            sandbox.awaitTemplate(Sandbox.ECHO);
            Path program = Sandbox.compiled("copier", sandbox.scratch("programs"));
            sandbox.start(CreateInstance.of(List.of("/workspace/copier"))
                    .withWorkspace(Objects.requireNonNull(program.getParent()).toString())
                    .withIdlePause("never"));
            String path = Usage.vmsOf(sandbox.daemon()).stream()
                    .flatMap(vm -> ProcessIdentity.commandLine(vm).stream())
                    .filter(word -> word.startsWith(PORT))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no VM with a port more"));
            door.bind(UnixDomainSocketAddress.of(path.substring(PORT.length())));
            return new CopierVm(sandbox, door.accept(), ByteBuffer.allocateDirect(PIECE));
        } catch (IOException obstacle) {
            sandbox.close();
            throw obstacle;
        }
    }

    /** Sends a byte and gets it back. */
    void echo() throws IOException {
        exchange('e', 0, 1);
    }

    void send() throws IOException {
        exchange('z', 0, SIZE);
    }

    void receive() throws IOException {
        exchange('n', SIZE, 1);
    }

    /** Gives one of the orders that {@code copier.c} understands and so many bytes, and takes so many. */
    private void exchange(char order, long given, long taken) throws IOException {
        write(piece.clear().put((byte) order).flip());
        for (long total = 0; total < given; total += PIECE) {
            write(piece.clear());
        }
        for (long left = taken; left > 0; ) {
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
