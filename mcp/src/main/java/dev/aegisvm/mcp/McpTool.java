package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.ToolArguments.*;

/**
 * Something that a model can ask for: what it is told, and what is done. Called by several threads at once.
 *
 * @param effect what it changes, for a client that asks a person before it calls one: {@code reads}, {@code changes} or
 *     {@code destroys}
 */
record McpTool(
        String name, String effect, String about, List<Argument> arguments, List<Exclusion> exclusions, Action action) {

    /** Gives a client for one use. */
    interface Client {
        DaemonClient client() throws IOException;
    }

    interface Action {
        /**
         * Does it, and returns JSON in one line, or plain text. An ApiException says why it is refused, an IOException why the
         * daemon cannot be reached, started or understood.
         */
        String call(Call call) throws IOException;
    }

    /**
     * One call of a tool: what it was given, what it works with, what completes when the client wants no answer any more, and
     * the pictures that go with the answer.
     */
    record Call(
            ToolArguments arguments,
            DaemonLauncher launcher,
            Progress progress,
            CompletableFuture<Void> cancelled,
            HostDirectories directories,
            List<Picture> pictures) {
        /** A client for this call alone; starts the daemon when it does not run. */
        DaemonClient client() throws IOException {
            DaemonClient client = launcher.client();
            try {
                client.connect();
            } catch (DaemonException.NotRunning none) {
                progress.during("starting aegisd", launcher::launch);
                client.connect();
            }
            return client;
        }

        /** Passes a request on, and gives the daemon's answer as it is. */
        String ask(RouteCall<?> request) throws IOException {
            try (DaemonClient client = client()) {
                return new String(client.json(request), StandardCharsets.UTF_8);
            }
        }

        String instance() {
            return arguments.required("name");
        }

        /** Resumes an instance that was paused: what is sent to a process of it does not. */
        void wake(String instance) throws IOException {
            try {
                var _ = ask(Routes.RESUME.to(instance));
            } catch (ApiException refusal) {
                // One that is not paused has nothing to be resumed from.
                if (!refusal.error().code().equals(ErrorCode.WRONG_STATE.wire())) {
                    throw refusal;
                }
            }
        }
    }
}
