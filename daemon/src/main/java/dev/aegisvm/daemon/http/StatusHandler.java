package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.storage.Storage;

/** Says that the daemon runs, on what, and what it counts and keeps. */
final class StatusHandler {
    private final Backend backend;
    private final Instances instances;
    private final Metrics metrics;
    private final Storage storage;
    private final long started = System.nanoTime();

    StatusHandler(Services services) {
        this.backend = services.backend();
        this.instances = services.instances();
        this.metrics = services.metrics();
        this.storage = services.storage();
    }

    void addTo(RouteTable routes) {
        routes.answer(Routes.STATUS, exchange -> status());
        routes.serve(Routes.OPENAPI, exchange -> exchange.answer(200, OpenApi.json()));
        routes.serve(Routes.METRICS, this::metrics);
        routes.answer(Routes.STORAGE, exchange -> storage.list());
        routes.answer(Routes.PRUNE_STORAGE, exchange -> storage.prune(age(exchange)));
    }

    private static Optional<Duration> age(Exchange exchange) {
        return exchange.query("older_than").map(age -> LooseDuration.parse("older_than", age));
    }

    private void metrics(Exchange exchange) throws IOException {
        byte[] text = metrics.text();
        ByteAnswer answer = exchange.bytes(Routes.METRICS);
        answer.out().write(text);
        answer.end();
    }

    private StatusView status() {
        return StatusViewBuilder.builder()
                .status("running")
                .backend(backend.name())
                .capabilities(backend.capabilities())
                .jail(backend.walls().get())
                .version(backend.version())
                .pid(ProcessHandle.current().pid())
                .uptimeMs(Duration.ofNanos(System.nanoTime() - started).toMillis())
                .instances(instances.count())
                .routerAddr(instances.ports().httpRouter().orElse(null))
                .routerError(instances.ports().httpRouterObstacle().orElse(null))
                .build(Build.id().isEmpty() ? null : Build.id())
                .make();
    }
}
