package dev.aegisvm.daemon.router;

import module java.base;

/**
 * A guest's server that reads each request as strictly as one can: of two lengths it takes none, and what follows the one
 * request of a connection is a fault. It answers with bytes of the test's choice.
 */
final class RawGuest {
    private static final int LIMIT_MS = 10_000;

    private final ServerSocket server;
    private final Phaser conversations = new Phaser(1);
    private final Semaphore opened = new Semaphore(0);
    private final AtomicReference<String> fault = new AtomicReference<>("");
    private volatile byte[] answer = {};

    RawGuest() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("raw-guest").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void answers(byte[] bytes) {
        answer = bytes;
        opened.drainPermits();
    }

    /** Waits for a connection since the answer was set. */
    void awaitConnection() throws InterruptedException, TimeoutException {
        if (!opened.tryAcquire(LIMIT_MS, TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("nobody connected");
        }
    }

    /** Waits until no connection is open; what was wrong with a request since the last time, or nothing. */
    String fault() throws InterruptedException, TimeoutException {
        conversations.awaitAdvanceInterruptibly(conversations.arrive(), LIMIT_MS, TimeUnit.MILLISECONDS);
        return fault.getAndSet("");
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                conversations.register();
                opened.release();
                Thread.startVirtualThread(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(LIMIT_MS);
            InputStream in = new BufferedInputStream(client.getInputStream());
            readRequest(in);
            client.getOutputStream().write(answer);
            client.shutdownOutput();
            if (in.read() >= 0) {
                fault.set("more than one request on a connection");
            }
        } catch (IOException gone) {
            // The router gave up the request, as it may.
        } catch (IllegalArgumentException wrong) {
            fault.set(String.valueOf(wrong.getMessage()));
        } finally {
            conversations.arriveAndDeregister();
        }
    }

    private static void readRequest(InputStream in) throws IOException {
        List<String> lengths = new ArrayList<>();
        List<String> encodings = new ArrayList<>();
        String request = line(in);
        if (!request.matches("[!-~]+ [^ \\p{Cntrl}]+ HTTP/1\\.1")) {
            throw new IllegalArgumentException("the request line '" + request + "'");
        }
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            if (colon < 1 || !header.substring(0, colon).matches("[!-9;-~]+")) {
                throw new IllegalArgumentException("the header '" + header + "'");
            }
            String value = header.substring(colon + 1).strip();
            switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> lengths.add(value);
                case "transfer-encoding" -> encodings.add(value);
                default -> {}
            }
        }
        if (lengths.size() + encodings.size() > 1) {
            throw new IllegalArgumentException("lengths " + lengths + " and encodings " + encodings);
        }
        for (String length : lengths) {
            in.skipNBytes(Long.parseLong(length));
        }
        for (String encoding : encodings) {
            if (!encoding.equals("chunked")) {
                throw new IllegalArgumentException("the encoding " + encoding);
            }
            readChunks(in);
        }
    }

    private static void readChunks(InputStream in) throws IOException {
        long size = Long.parseLong(line(in), 16);
        while (size > 0) {
            in.skipNBytes(size);
            line(in);
            size = Long.parseLong(line(in), 16);
        }
        String trailer = line(in);
        while (!trailer.isEmpty()) {
            trailer = line(in);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the request was cut off");
            }
            bytes.write(next);
        }
        String line = bytes.toString(StandardCharsets.ISO_8859_1);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}
