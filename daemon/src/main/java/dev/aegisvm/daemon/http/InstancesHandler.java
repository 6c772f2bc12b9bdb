package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.Actions.KeepaliveRequest;
import dev.aegisvm.api.Actions.KeepaliveView;
import dev.aegisvm.api.Actions.PruneView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.daemon.create.Creation;
import dev.aegisvm.daemon.instance.InstanceEvent;
import dev.aegisvm.daemon.instance.Instances;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Instances: made, listed, and told what to do. */
final class InstancesHandler {
    private static final String USUAL_KEEPALIVE = "10m";
    private static final Duration LONGEST_KEEPALIVE = Duration.ofHours(24);

    private final Instances instances;
    private final Creation creation;

    InstancesHandler(Instances instances, Creation creation) {
        this.instances = instances;
        this.creation = creation;
    }

    void create(Exchange exchange) {
        Creation.Created created = creation.create(exchange.body(CreateInstance.class));
        exchange.answer(created.isNew() ? 201 : 200, created.view());
    }

    void list(Exchange exchange) {
        Optional<InstanceStatus> state = exchange.query("state").map(InstancesHandler::status);
        exchange.answer(200, ApiJson.write(instances.list(state)));
    }

    private static InstanceStatus status(String word) {
        return InstanceStatus.parse(word)
                .orElseThrow(() ->
                        new ApiException(ErrorCode.BAD_REQUEST, "state is one of stopped, starting, running, paused"));
    }

    void get(Exchange exchange) {
        exchange.answer(200, instances.get(exchange.ref()));
    }

    void stats(Exchange exchange) {
        exchange.answer(200, instances.stats(exchange.ref()));
    }

    void delete(Exchange exchange) {
        instances.delete(exchange.ref(), "delete requested");
        exchange.answer(200, new ActionView("deleted"));
    }

    void start(Exchange exchange) {
        instances.ask(exchange.ref(), new InstanceEvent.Start("start requested"));
        exchange.answer(200, new ActionView("starting"));
    }

    void stop(Exchange exchange) {
        instances.ask(exchange.ref(), new InstanceEvent.Stop("stop requested"));
        exchange.answer(200, new ActionView("stopped"));
    }

    void disable(Exchange exchange) {
        instances.ask(exchange.ref(), new InstanceEvent.Disable("disable requested"));
        exchange.answer(200, new ActionView("disabled"));
    }

    void pause(Exchange exchange) {
        instances.pause(exchange.ref(), "pause requested");
        exchange.answer(200, new ActionView("paused"));
    }

    void resume(Exchange exchange) {
        instances.ask(exchange.ref(), new InstanceEvent.Resume("resume requested"));
        exchange.answer(200, new ActionView("running"));
    }

    void keepalive(Exchange exchange) {
        String text = exchange.optionalBody(KeepaliveRequest.class)
                .map(KeepaliveRequest::duration)
                .orElse(USUAL_KEEPALIVE);
        Duration time = LooseDuration.parse("duration", text);
        if (!time.isPositive() || time.compareTo(LONGEST_KEEPALIVE) > 0) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "duration is 1s to " + LooseDuration.text(LONGEST_KEEPALIVE) + ", not '" + text + "'",
                    "ask again before it ends, or start the instance with --idle-pause never");
        }
        exchange.answer(200, new KeepaliveView("held", instances.keepAwake(exchange.ref(), time)));
    }

    void releaseKeepalive(Exchange exchange) {
        instances.letSleep(exchange.ref());
        exchange.answer(200, new KeepaliveView("released", null));
    }

    void prune(Exchange exchange) {
        String age = exchange.query("older_than")
                .orElseThrow(() -> new ApiException(ErrorCode.BAD_REQUEST, "older_than is needed, for example 7d"));
        List<String> ids = instances.prune(LooseDuration.parse("older_than", age));
        exchange.answer(200, new PruneView(ids.size(), ids));
    }
}
