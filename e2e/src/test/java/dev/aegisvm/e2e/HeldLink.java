package dev.aegisvm.e2e;

import module java.base;

/** A proxy to a local port that holds each long answer halfway until it is released. */
final class HeldLink implements AutoCloseable {
    private static final int HELD_AFTER = 1 << 20;
    private static final int PIECE = 64 * 1024;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final int target;

    HeldLink(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Waits until an answer is held halfway. */
    void awaitHeld() throws InterruptedException {
        if (!held.await(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("no answer was as long as a megabyte");
        }
    }

    void release() {
        released.countDown();
    }

    private void serve() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, server));
                Thread.ofVirtual().start(() -> relay(client, server, false));
                Thread.ofVirtual().start(() -> relay(server, client, true));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void relay(Socket from, Socket to, boolean answers) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] piece = new byte[PIECE];
            long passed = 0;
            int read;
            while ((read = in.read(piece)) > 0) {
                passed += read;
                if (answers && passed > HELD_AFTER) {
                    held.countDown();
                    released.await();
                }
                out.write(piece, 0, read);
            }
        } catch (IOException | InterruptedException over) {
            // One of the two has gone.
        }
    }

    @Override
    public void close() throws IOException {
        release();
        door.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
