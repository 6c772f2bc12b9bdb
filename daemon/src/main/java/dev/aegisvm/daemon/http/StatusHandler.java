package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SystemViews.StatusView;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.instance.Instances;

/** Says since when the daemon runs ({@link System#nanoTime}), on what, and what it counts and keeps. */
final class StatusHandler {
    private final Services services;
    private final long started;

    StatusHandler(Services services, long started) {
        this.services = services;
        this.started = started;
    }

    void addTo(RouteTable routes) {
        routes.answer(Routes.STATUS, exchange -> status());
        routes.serve(Routes.OPENAPI, exchange -> exchange.answer(200, OpenApi.json()));
        routes.serve(Routes.METRICS, this::metrics);
        routes.answer(Routes.STORAGE, exchange -> services.storage().list());
        routes.answer(Routes.PRUNE_STORAGE, exchange -> services.storage().prune(exchange.age()));
    }

    private void metrics(Exchange exchange) throws IOException {
        byte[] text = services.metrics().text();
        ByteAnswer answer = exchange.bytes(Routes.METRICS);
        answer.out().write(text);
        answer.end();
    }

    private StatusView status() {
        Backend backend = services.backend();
        Instances instances = services.instances();
        Cost used = services.journal().budget().used();
        Cost all = services.journal().budget().all();
        return StatusViewBuilder.builder()
                .status("running")
                .backend(backend.name())
                .capabilities(backend.capabilities())
                .jail(backend.walls().get())
                .version(Build.version())
                .pid(ProcessHandle.current().pid())
                .uptimeMs(Duration.ofNanos(System.nanoTime() - started).toMillis())
                .instances(instances.count())
                .routerAddr(instances.ports().http().address().orElse(null))
                .routerError(instances.ports().http().obstacle().orElse(null))
                .held(new StatsView.HeldView(used.bytes(), used.files(), all.bytes(), all.files()))
                .build(Build.id().isEmpty() ? null : Build.id())
                .make();
    }
}
