package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.instance.Instances;

/** Says that the daemon runs, and on what. */
final class StatusHandler {
    private final Backend backend;
    private final Instances instances;
    private final long started = System.nanoTime();

    StatusHandler(Backend backend, Instances instances) {
        this.backend = backend;
        this.instances = instances;
    }

    void addTo(RouteTable routes) {
        routes.answer(Routes.STATUS, exchange -> status());
        routes.serve(Routes.OPENAPI, exchange -> exchange.answer(200, OpenApi.json()));
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
