package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.policy.Addresses;

/** Opens connections: to the first address that answers, or through a proxy. Blocking, on virtual threads. */
final class Connector {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LEAST_FOR_ONE = Duration.ofSeconds(1);
    private static final int MOST_ADDRESSES = 6;
    private static final int LONGEST_ANSWER = 8192;
    private static final Pattern SUCCESS = Pattern.compile("HTTP/1\\.[01] 2\\d\\d[ \\r\\n]");

    private Connector() {}

    /** Tries one address after the other; when none answers in ten seconds, the error says what the last one did. */
    static SocketChannel connect(List<InetAddress> addresses, int port) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<InetAddress> tried = addresses.subList(0, Math.min(MOST_ADDRESSES, addresses.size()));
        IOException last = new IOException("the name has no address");
        for (int i = 0; i < tried.size(); i++) {
            long share = (deadline - System.nanoTime()) / (tried.size() - i);
            try {
                return connect(tried.get(i), port, Math.max(share, LEAST_FOR_ONE.toNanos()));
            } catch (IOException obstacle) {
                last = new IOException(Addresses.text(tried.get(i), port) + ": " + obstacle.getMessage(), obstacle);
            }
        }
        throw last;
    }

    private static SocketChannel connect(InetAddress address, int port, long nanos) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            int millis = (int) Duration.ofNanos(nanos).toMillis();
            channel.socket().connect(new InetSocketAddress(address, port), millis);
            return channel;
        } catch (IOException obstacle) {
            channel.close();
            throw obstacle;
        }
    }

    /** Connects to a host or an address with a port by a proxy's CONNECT; the error says if that refuses. */
    static SocketChannel through(Proxy proxy, String target) throws IOException {
        SocketChannel channel = connect(List.of(InetAddress.getAllByName(proxy.host())), proxy.port());
        try {
            String answer = ask(channel, proxy, target);
            if (!SUCCESS.matcher(answer).lookingAt()) {
                throw new IOException("the proxy " + proxy + " refused the connection: "
                        + answer.lines().findFirst().orElse("it closed the connection"));
            }
            return channel;
        } catch (IOException obstacle) {
            channel.close();
            throw obstacle;
        }
    }

    private static String ask(SocketChannel channel, Proxy proxy, String target) throws IOException {
        String request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
        if (!proxy.credentials().isEmpty()) {
            byte[] credentials = proxy.credentials().getBytes(StandardCharsets.UTF_8);
            request += "Proxy-Authorization: Basic " + Base64.getEncoder().encodeToString(credentials) + "\r\n";
        }
        ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(request + "\r\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return head(channel.socket());
    }

    /** One byte at a time: what follows the head is of the server behind it. */
    private static String head(Socket socket) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.length() < LONGEST_ANSWER && head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }
}
