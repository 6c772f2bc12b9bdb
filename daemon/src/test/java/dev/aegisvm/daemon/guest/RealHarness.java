package dev.aegisvm.daemon.guest;

import module java.base;

/**
 * The harness's own program in its test mode: a process of this machine that is joined by a local socket, without a VM. It can become
 * other users, as in a guest: where an ordinary user runs it, as root of a user namespace.
 */
public record RealHarness(Process process, SocketChannel channel) implements AutoCloseable {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final Path SOURCES = Path.of("../guest/harness");
    private static final Path PROGRAM = SOURCES.resolve("build/aegis-harness");

    /** Java cannot pass a socket to a child; these lines connect and become the harness. */
    private static final String CONNECT = """
            use Socket; $^F = 9;
            socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!;
            connect($s, pack_sockaddr_un($ARGV[0])) or die $!;
            exec($ARGV[1], "--channel-fd", fileno($s), "--no-mounts") or die $!;
            """;

    /** Does nothing when the program is up to date. */
    public static void build() throws IOException, InterruptedException {
        int code = new ProcessBuilder("make", "-s", "-C", SOURCES.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("the harness does not build: make ended with " + code);
        }
    }

    public static RealHarness start() throws IOException {
        Path directory = Files.createTempDirectory("aegis-harness");
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            List<String> command =
                    new ArrayList<>(ROOT ? List.of() : List.of("unshare", "--map-root-user", "--map-auto"));
            command.addAll(List.of("perl", "-e", CONNECT, path.toString(), PROGRAM.toString()));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new RealHarness(process, server.accept());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        process.destroyForcibly();
    }
}
