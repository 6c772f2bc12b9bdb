package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.daemon.instance.Processes;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** Clients that are attached to processes: {@code exec} in both its forms, and {@code attach}. */
final class ExecHandler {
    private static final System.Logger LOG = System.getLogger(ExecHandler.class.getName());

    private final Processes processes;

    ExecHandler(Processes processes) {
        this.processes = processes;
    }

    void exec(Exchange exchange) {
        ExecRequest request = exchange.body(ExecRequest.class);
        if (request.command().isEmpty()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "a command is needed");
        }
        Processes.Target target = processes.target(exchange.ref());
        String execId = processes.newExecId();
        if (exchange.asksForStream()) {
            stream(exchange, target, execId, request);
        } else {
            lines(exchange, target, execId, request);
        }
    }

    private void stream(Exchange exchange, Processes.Target target, String execId, ExecRequest request) {
        StreamClient client = exchange.upgrade();
        try {
            client.exited(processes.exec(target, execId, request, true, client));
        } catch (ApiException refusal) {
            client.failed(refusal.error());
        }
    }

    private void lines(Exchange exchange, Processes.Target target, String execId, ExecRequest request) {
        NdjsonClient client = new NdjsonClient(exchange.ndjson(), execId);
        try {
            client.begin();
            try {
                client.done(processes.exec(target, execId, request, false, client));
            } catch (ApiException refusal) {
                client.failed(refusal.error());
            }
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "exec=" + execId + " its client left");
        }
    }

    void attach(Exchange exchange) {
        if (!exchange.asksForStream()) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, "attach needs the headers Connection: Upgrade and Upgrade: aegis-stream");
        }
        processes.checkAttachable(exchange.ref());
        StreamClient client = exchange.upgrade();
        try (Processes.Attached attached = processes.attach(exchange.ref(), client)) {
            client.exited(attached.await());
        } catch (ApiException refusal) {
            client.failed(refusal.error());
        }
    }
}
