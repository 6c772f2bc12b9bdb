package dev.aegisvm.daemon.http;

import module java.base;
import com.sun.net.httpserver.*;
import dev.aegisvm.api.*;
import dev.aegisvm.api.BodyType.BodyForm;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.metrics.Counters.*;
import dev.aegisvm.daemon.router.AllowedHosts;
import io.micrometer.core.instrument.*;
import io.micrometer.prometheusmetrics.*;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon counts and has, as Prometheus reads it. The library is loaded at the first request.
 * No instance has a series of its own, so that their number is bounded.
 */
public final class Metrics {
    private static final String ADDRESS = "127.0.0.1";

    private final Journal journal;
    private final Instances instances;
    private @Nullable PrometheusMeterRegistry registry;
    /** As of the current scrape. */
    private List<StatsView> now = List.of();

    public Metrics(Journal journal, Instances instances) {
        this.journal = journal;
        this.instances = instances;
    }

    synchronized byte[] text() {
        PrometheusMeterRegistry meters = registry == null ? gauges() : registry;
        registry = meters;
        now = instances.stats();
        journal.counters().forEach((series, amount) -> register(series, amount, meters));
        return meters.scrape().getBytes(StandardCharsets.UTF_8);
    }

    /** Does nothing to a series that is there. */
    private static void register(Series series, Amount amount, PrometheusMeterRegistry meters) {
        Count count = series.count();
        String[] labels = series.labels().toArray(String[]::new);
        ToLongFunction<Amount> number = it -> it.number().sum();
        if (count.timed) {
            ToDoubleFunction<Amount> nanos = it -> it.nanos().sum();
            FunctionTimer.builder(count.title, amount, number, nanos, TimeUnit.NANOSECONDS)
                    .description(count.help)
                    .tags(labels)
                    .register(meters);
        } else {
            FunctionCounter.builder(count.title, amount, number::applyAsLong)
                    .description(count.help)
                    .tags(labels)
                    .register(meters);
        }
    }

    private PrometheusMeterRegistry gauges() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (InstanceStatus state : InstanceStatus.values()) {
            Gauge.builder("aegis.instances", () -> inState(state))
                    .description("Instances by their state")
                    .tag("state", state.wire())
                    .register(meters);
        }
        Map<String, ToLongFunction<MemoryView>> kinds =
                Map.of("unique", MemoryView::unique, "shared", MemoryView::shared, "limit", MemoryView::limit);
        kinds.forEach((kind, bytes) -> Gauge.builder("aegis.guest.memory", () -> memory(bytes))
                .description("Memory of all VMs: unique to each, shared between them, and the limit")
                .baseUnit("bytes")
                .tag("kind", kind)
                .register(meters));
        held(meters, "used", journal.budget()::used);
        held(meters, "limit", journal.budget()::all);
        return meters;
    }

    private static void held(PrometheusMeterRegistry meters, String kind, Supplier<Cost> cost) {
        Gauge.builder("aegis.held", () -> cost.get().bytes())
                .description("Daemon memory used for guests and clients, and the limit")
                .baseUnit("bytes")
                .tag("kind", kind)
                .register(meters);
        Gauge.builder("aegis.held.files", () -> cost.get().files())
                .description("Daemon file descriptors used for guests, and the limit")
                .tag("kind", kind)
                .register(meters);
    }

    private long inState(InstanceStatus state) {
        return now.stream().filter(each -> state.equals(each.state())).count();
    }

    private long memory(ToLongFunction<MemoryView> bytes) {
        return now.stream()
                .map(StatsView::memory)
                .filter(Objects::nonNull)
                .mapToLong(bytes)
                .sum();
    }

    /**
     * Serves them on a port of the loopback too, where every user of the host can read them, until what this returns is
     * closed. Who comes there shares a few connections, and has not long for a request.
     */
    public Closeable listen(int port) throws IOException {
        System.setProperty("jdk.httpserver.maxConnections", "16");
        System.setProperty("sun.net.httpserver.maxReqTime", "5");
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(ADDRESS), port), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", this::answer);
            server.start();
            return () -> server.stop(0);
        } catch (IOException obstacle) {
            throw new IOException(
                    "cannot serve metrics on " + ADDRESS + ":" + port + " (" + obstacle.getMessage()
                            + "): stop the program that uses the port, or set metrics_addr to another one",
                    obstacle);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
            boolean known = exchange.getRequestURI().getPath().equals("/metrics")
                    && exchange.getRequestMethod().equals("GET");
            if (!AllowedHosts.allows(host) || !known) {
                exchange.sendResponseHeaders(known ? 403 : 404, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", BodyForm.METRICS.contentType());
            byte[] text = text();
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }
}
