package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.*;
import java.lang.System.Logger.Level;

/** Requests and answers between a client and a server, both of which speak TLS to us. */
final class Conversation {
    private static final System.Logger LOG = System.getLogger(Conversation.class.getName());
    private static final int BUFFER = 16_384;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SSLSocket client;
    private final SSLSocket server;
    private final Passage passage;
    private final Runnable cut;
    private final Requests requests;
    private final Answers answers;
    /** What a server sent back. */
    private final AtomicReference<Refusal> found = new AtomicReference<>();

    private volatile boolean refused;

    /**
     * @param passage leads to the server, below TLS
     * @param cut ends both
     */
    Conversation(SSLSocket client, SSLSocket server, Passage passage, Placeholders placeholders, Runnable cut)
            throws IOException {
        this.client = client;
        this.server = server;
        this.passage = passage;
        this.cut = cut;
        this.requests = new Requests(passage.destination(), placeholders);
        this.answers = new Answers(
                server.getInputStream(), new ValueWatch(client.getOutputStream(), placeholders, found::set));
    }

    /** Passes all on until both sides have ended. After a Refusal the server gets nothing; the client is not told. */
    void run() throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Boolean> upgrade = new CompletableFuture<>();
            Future<?> back = threads.submit(() -> back(upgrade));
            try {
                requests(upgrade);
                halfClose(server);
            } catch (Refusal refusal) {
                refused = true;
                passage.channel().close(); // Below TLS, which ends the connection at once.
                // The client of an answer that was cut off may end in a way that is refused, too.
                throw Objects.requireNonNullElse(found.get(), refusal);
            } catch (IOException broken) {
                cut.run();
                await(back);
                throw broken;
            } finally {
                upgrade.complete(false);
            }
            await(back);
        }
    }

    /** Whatever comes after the last one goes nowhere; {@code upgrade} is that of {@link Answers#pass}. */
    private void requests(CompletableFuture<Boolean> upgrade) throws IOException {
        OutputStream out = new BufferedOutputStream(server.getOutputStream(), BUFFER);
        HttpInput in = new HttpInput(client.getInputStream(), out);
        for (Optional<RequestHead> next = requests.next(in); next.isPresent(); next = requests.next(in)) {
            RequestHead head = next.get();
            boolean last = head.isLast();
            boolean first = upgrade.complete(head.upgrades() && !last);
            if (head.upgrades() && !first) {
                throw new Refusal("an upgrade to another protocol was requested on a connection to "
                        + passage.destination().text()
                        + " that had other requests; use a new connection for a WebSocket");
            }
            requests.sendHead(head, out);
            if (head.expects()) {
                client.getOutputStream().write(CONTINUE);
            }
            requests.sendBody(head, in, out);
            if (last) {
                out.flush();
                in.copyRest((_, _, _) -> halfClose(server));
            } else if (head.upgrades()) {
                out.flush();
                if (answers.switched()) {
                    in.copyRest(out::write);
                }
            }
        }
        out.flush();
    }

    /** There is no more to say to that side, which may have left already. */
    private void halfClose(SSLSocket side) {
        try {
            side.shutdownOutput();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, passage.destination().text() + " or its client closed it: " + gone.getMessage());
        }
    }

    private Void back(CompletableFuture<Boolean> upgrade) throws IOException {
        try {
            answers.pass(upgrade);
            halfClose(client);
            return null;
        } catch (IOException broken) {
            // Code that refused something has a last word for the client.
            if (!refused) {
                cut.run();
            }
            throw broken;
        }
    }

    static <T> T await(Future<T> work) throws IOException {
        try {
            return work.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException broken ? broken : new IOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
