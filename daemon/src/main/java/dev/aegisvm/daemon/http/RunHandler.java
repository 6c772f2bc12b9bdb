package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Routes;
import dev.aegisvm.daemon.create.Runs;
import java.util.function.Supplier;

/** Ephemeral instances, each owned by the connection of its request: in one request, or created before and then attached. */
final class RunHandler {
    private final Runs runs;

    RunHandler(Runs runs) {
        this.runs = runs;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.ATTACH, this::attach);
    }

    /** Switches to {@code aegis-stream}, creates the instance and follows it; what is refused is a frame. */
    void run(Exchange exchange) {
        CreateInstance request = exchange.body(Routes.CREATE);
        if (!Boolean.TRUE.equals(request.ephemeral())) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "only an ephemeral instance is created over aegis-stream",
                    "set \"ephemeral\": true, or leave the header Upgrade out");
        }
        StreamClient client = exchange.upgrade();
        end(client, () -> runs.run(request, client, client::created));
    }

    private void attach(Exchange exchange) {
        if (!exchange.asksForStream()) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, "attach needs the headers Connection: Upgrade and Upgrade: aegis-stream");
        }
        runs.checkAttachable(exchange.ref());
        StreamClient client = exchange.upgrade();
        end(client, () -> runs.attach(exchange.ref(), client));
    }

    private static void end(StreamClient client, Supplier<ProcessExit> process) {
        try {
            client.exited(process.get());
        } catch (ApiException refusal) {
            client.failed(refusal.error());
        }
    }
}
