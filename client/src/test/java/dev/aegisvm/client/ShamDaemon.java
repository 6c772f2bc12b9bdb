package dev.aegisvm.client;

import module java.base;

/** Stands in for {@code aegisd}: opens the socket of its home and stays until it is killed. */
public final class ShamDaemon {
    private ShamDaemon() {}

    private static void answer(ServerSocketChannel server) {
        try (SocketChannel client = server.accept()) {
            client.read(ByteBuffer.allocate(4096));
            client.write(StandardCharsets.US_ASCII.encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
        } catch (IOException gone) {
            System.out.println("a client left: " + gone);
        }
    }

    /** Serves until the process is killed. */
    public static void main(String[] arguments) throws IOException {
        Path home = Path.of(System.getenv("AEGIS_HOME"));
        System.out.println("sham daemon says hello");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            // Before it answers: a test that it answers to finds the whole number there.
            Files.writeString(
                    home.resolve("data/aegisd.pid"),
                    Long.toString(ProcessHandle.current().pid()));
            server.bind(UnixDomainSocketAddress.of(home.resolve("aegisd.sock")));
            // Whoever waits may have looked between the socket's appearance and its first answer.
            Files.createFile(home.resolve("data/answers"));
            while (server.isOpen()) {
                answer(server);
            }
        }
    }
}
