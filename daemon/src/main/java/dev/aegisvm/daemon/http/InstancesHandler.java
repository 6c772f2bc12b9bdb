package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.daemon.create.*;
import dev.aegisvm.daemon.instance.*;

/** Instances: created, listed and told what to do. The connection of a client owns those that are ephemeral. */
final class InstancesHandler {
    private static final String DEFAULT_KEEPALIVE = "10m";

    private final Instances instances;
    private final Creation creation;

    InstancesHandler(Instances instances, Creation creation) {
        this.instances = instances;
        this.creation = creation;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.CREATE, this::create);
        routes.serve(Routes.ATTACH, this::attach);
        routes.answer(Routes.LIST, exchange -> instances.list(filter(exchange)));
        routes.answer(Routes.PRUNE, this::prune);
        routes.answer(Routes.GET, exchange -> instances.get(exchange.ref()));
        routes.answer(Routes.STATS, exchange -> Views.stats(instances.find(exchange.ref())));
        routes.answer(Routes.ALL_STATS, exchange -> instances.stats());
        routes.act(Routes.DELETE, "deleted", exchange -> instances.delete(exchange.ref(), exchange.flag("if_stopped")));
        routes.answer(Routes.RENAME, this::rename);
        Exposing exposing = new Exposing(instances);
        routes.answer(Routes.EXPOSE, exchange -> exposing.expose(exchange.ref(), exchange.body(Routes.EXPOSE)));
        routes.answer(Routes.UNEXPOSE, exchange -> exposing.unexpose(exchange.ref(), exchange.name(1)));
        routes.act(Routes.START, "starting", ask(new InstanceEvent.Start("start requested")));
        routes.act(Routes.STOP, "stopped", ask(new InstanceEvent.Stop("stop requested", true)));
        routes.act(Routes.DISABLE, "disabled", ask(new InstanceEvent.Disable("disable requested")));
        routes.act(Routes.PAUSE, "paused", ask(new InstanceEvent.Pause("pause requested")));
        routes.act(Routes.RESUME, "running", ask(new InstanceEvent.Resume("resume requested")));
        routes.answer(Routes.KEEPALIVE, this::keepalive);
        routes.answer(Routes.RELEASE_KEEPALIVE, exchange -> {
            instances.letSleep(exchange.ref());
            return new KeepaliveView("released", null);
        });
    }

    private Consumer<Exchange> ask(InstanceEvent.Request event) {
        return exchange -> instances.ask(exchange.ref(), event);
    }

    private InstanceView rename(Exchange exchange) {
        String handle = exchange.body(Routes.RENAME).handle();
        if (handle == null) {
            throw ErrorCode.BAD_REQUEST.refusal("handle is required");
        }
        return instances.rename(exchange.ref(), Names.handle(handle));
    }

    private static Views.Filter filter(Exchange exchange) {
        return new Views.Filter(
                exchange.queries("state").stream().map(InstancesHandler::status).collect(Collectors.toSet()),
                exchange.queries("label"),
                exchange.query("name"));
    }

    private static InstanceStatus status(String word) {
        return Stream.of(InstanceStatus.values())
                .filter(status -> status.wire().equals(word))
                .findFirst()
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal("state must be stopped, starting, running or paused"));
    }

    private KeepaliveView keepalive(Exchange exchange) {
        String text = Objects.requireNonNullElse(
                exchange.optionalBody(Routes.KEEPALIVE).duration(), DEFAULT_KEEPALIVE);
        Duration time = LooseDuration.parse("duration", text);
        if (!time.isPositive() || time.compareTo(VmLimits.MAX_KEEPALIVE) > 0) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "duration must be 1s to " + LooseDuration.text(VmLimits.MAX_KEEPALIVE) + ", not '" + text + "'",
                    "renew it before it ends, or start the instance with --idle-pause never");
        }
        return new KeepaliveView("held", instances.keepAwake(exchange.ref(), time));
    }

    private PruneView prune(Exchange exchange) {
        Duration age = exchange.age()
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal("older_than is required, for example 7d"));
        List<String> ids = instances.prune(age);
        return new PruneView(ids.size(), ids);
    }

    private void create(Exchange exchange) {
        CreateInstance request = exchange.body(Routes.CREATE);
        if (exchange.asksForStream()) {
            run(exchange, request);
            return;
        }
        boolean waits = exchange.flag("wait");
        Creation.Created created = creation.create(request);
        if (created.isNew()) {
            exchange.whenUnanswered(() -> created.actor()
                    .tell(new InstanceEvent.Delete("its client disconnected before it received the answer")));
        }
        if (waits) {
            creation.awaitStart(created);
        }
        exchange.answer(created.isNew() ? 201 : 200, created.view());
    }

    /** Switches to {@code aegis-stream}, creates the instance and follows it; what is refused is a frame. */
    private void run(Exchange exchange, CreateInstance request) {
        if (!Boolean.TRUE.equals(request.ephemeral())) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "only an ephemeral instance can be created over aegis-stream",
                    "set \"ephemeral\": true, or leave the header Upgrade out");
        }
        exchange.follow(client -> creation.run(request, client, client::created));
    }

    private void attach(Exchange exchange) {
        exchange.needStream();
        creation.checkAttachable(exchange.ref());
        exchange.follow(client -> creation.attach(exchange.ref(), client));
    }
}
