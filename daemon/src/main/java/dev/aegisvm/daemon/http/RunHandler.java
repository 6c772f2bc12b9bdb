package dev.aegisvm.daemon.http;

import dev.aegisvm.api.*;
import dev.aegisvm.daemon.create.Creation;
import dev.aegisvm.daemon.create.Runs;

/** Instances are created; ephemeral ones are owned by the connection of a client, that of the create or one that attaches. */
record RunHandler(Runs runs) {
    void addTo(RouteTable routes) {
        routes.serve(Routes.CREATE, this::create);
        routes.serve(Routes.ATTACH, this::attach);
    }

    private void create(Exchange exchange) {
        CreateInstance request = exchange.body(Routes.CREATE);
        if (exchange.asksForStream()) {
            run(exchange, request);
            return;
        }
        boolean waits = exchange.flag("wait");
        Creation.Created created = runs.create(request);
        if (waits) {
            runs.creation().awaitStart(created);
        }
        exchange.answer(created.isNew() ? 201 : 200, created.view());
    }

    /** Switches to {@code aegis-stream}, creates the instance and follows it; what is refused is a frame. */
    private void run(Exchange exchange, CreateInstance request) {
        if (!Boolean.TRUE.equals(request.ephemeral())) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "only an ephemeral instance is created over aegis-stream",
                    "set \"ephemeral\": true, or leave the header Upgrade out");
        }
        StreamClient client = exchange.upgrade();
        client.follow(() -> runs.run(request, client, client::created));
    }

    private void attach(Exchange exchange) {
        if (!exchange.asksForStream()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "attach needs the headers Connection: Upgrade and Upgrade: aegis-stream");
        }
        runs.checkAttachable(exchange.ref());
        StreamClient client = exchange.upgrade();
        client.follow(() -> runs.attach(exchange.ref(), client));
    }
}
