package dev.aegisvm.image;

import module java.base;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Stands before a registry, writes down who asks for what, and breaks off answers when it is told to. */
final class FlakyProxy implements AutoCloseable {
    private static final int LAYER = 64;

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;
    private final int target;
    private final List<String> layers = new CopyOnWriteArrayList<>();
    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private volatile long cut = Long.MAX_VALUE;
    private volatile CountDownLatch held = new CountDownLatch(0);

    FlakyProxy(int target) throws IOException {
        this.target = target;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on each answer of a layer ends after this many bytes. */
    void cutAfter(long bytes) {
        cut = bytes;
    }

    /** From now on layers come but for their last byte, until {@link #release}. */
    void hold() {
        held = new CountDownLatch(1);
    }

    void release() {
        held.countDown();
    }

    List<String> layerRequests() {
        return layers;
    }

    List<String> ranges() {
        return ranges;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + target + exchange.getRequestURI()));
            for (String name : List.of("Accept", "Range")) {
                String value = exchange.getRequestHeaders().getFirst(name);
                if (value != null) {
                    request.header(name, value);
                }
            }
            HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            relay(exchange, answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void relay(HttpExchange exchange, HttpResponse<InputStream> answer)
            throws IOException, InterruptedException {
        byte[] body = answer.body().readAllBytes();
        answer.headers()
                .firstValue("Content-Type")
                .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
        boolean layer = isLayer(answer, body);
        if (layer) {
            layers.add(exchange.getRequestURI().toString());
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range != null) {
                ranges.add(range);
            }
        }
        exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
        int length = layer ? (int) Math.min(body.length, cut) : body.length;
        OutputStream out = exchange.getResponseBody();
        int last = layer ? Math.max(0, length - 1) : length;
        out.write(body, 0, last);
        out.flush();
        if (layer) {
            held.await();
        }
        out.write(body, last, length - last);
        out.flush();
    }

    /** A blob that is no JSON. */
    private static boolean isLayer(HttpResponse<InputStream> answer, byte[] body) {
        return answer.request().uri().getPath().contains("/blobs/") && body.length > LAYER && body[0] != '{';
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        client.close();
    }
}
