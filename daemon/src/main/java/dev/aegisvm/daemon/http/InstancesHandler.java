package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.api.Names.Handle;
import dev.aegisvm.daemon.create.Exposing;
import dev.aegisvm.daemon.instance.*;

/** Instances: listed and told what to do. */
record InstancesHandler(Instances instances) {
    private static final String DEFAULT_KEEPALIVE = "10m";
    private static final Duration MAX_KEEPALIVE = Duration.ofHours(24);

    void addTo(RouteTable routes) {
        routes.answer(Routes.LIST, exchange -> instances.list(filter(exchange)));
        routes.answer(Routes.PRUNE, this::prune);
        routes.answer(Routes.GET, exchange -> instances.get(exchange.ref()));
        routes.answer(Routes.STATS, exchange -> instances.stats(exchange.ref()));
        routes.answer(Routes.ALL_STATS, exchange -> instances.stats());
        routes.answer(Routes.DELETE, exchange -> {
            instances.delete(exchange.ref(), exchange.flag("if_stopped"));
            return new ActionView("deleted");
        });
        routes.answer(Routes.RENAME, this::rename);
        Exposing exposing = new Exposing(instances);
        routes.answer(Routes.EXPOSE, exchange -> exposing.expose(exchange.ref(), exchange.body(Routes.EXPOSE)));
        routes.answer(Routes.UNEXPOSE, exchange -> exposing.unexpose(exchange.ref(), exchange.name(1)));
        routes.answer(Routes.START, ask(new InstanceEvent.Start("start requested"), "starting"));
        routes.answer(Routes.STOP, ask(new InstanceEvent.Stop("stop requested"), "stopped"));
        routes.answer(Routes.DISABLE, ask(new InstanceEvent.Disable("disable requested"), "disabled"));
        routes.answer(Routes.PAUSE, ask(new InstanceEvent.Pause("pause requested"), "paused"));
        routes.answer(Routes.RESUME, ask(new InstanceEvent.Resume("resume requested"), "running"));
        routes.answer(Routes.KEEPALIVE, this::keepalive);
        routes.answer(Routes.RELEASE_KEEPALIVE, exchange -> {
            instances.letSleep(exchange.ref());
            return new KeepaliveView("released", null);
        });
    }

    private Function<Exchange, ActionView> ask(InstanceEvent.Request event, String done) {
        return exchange -> {
            instances.ask(exchange.ref(), event);
            return new ActionView(done);
        };
    }

    private InstanceView rename(Exchange exchange) {
        String handle = exchange.body(Routes.RENAME).handle();
        if (handle == null) {
            throw ErrorCode.BAD_REQUEST.refusal("handle is needed");
        }
        return instances.rename(exchange.ref(), new Handle(handle));
    }

    private static InstanceFilter filter(Exchange exchange) {
        return new InstanceFilter(
                exchange.queries("state").stream().map(InstancesHandler::status).collect(Collectors.toSet()),
                exchange.queries("label"),
                exchange.query("name"));
    }

    private static InstanceStatus status(String word) {
        return InstanceStatus.parse(word)
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal("state is one of stopped, starting, running, paused"));
    }

    private KeepaliveView keepalive(Exchange exchange) {
        String text = exchange.optionalBody(Routes.KEEPALIVE)
                .map(KeepaliveRequest::duration)
                .orElse(DEFAULT_KEEPALIVE);
        Duration time = LooseDuration.parse("duration", text);
        if (!time.isPositive() || time.compareTo(MAX_KEEPALIVE) > 0) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "duration is 1s to " + LooseDuration.text(MAX_KEEPALIVE) + ", not '" + text + "'",
                    "ask again before it ends, or start the instance with --idle-pause never");
        }
        return new KeepaliveView("held", instances.keepAwake(exchange.ref(), time));
    }

    private PruneView prune(Exchange exchange) {
        String age = exchange.query("older_than")
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal("older_than is needed, for example 7d"));
        List<String> ids = instances.prune(LooseDuration.parse("older_than", age));
        return new PruneView(ids.size(), ids);
    }
}
