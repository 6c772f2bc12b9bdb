package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.tool.ToolArguments.*;
import org.jspecify.annotations.Nullable;

/**
 * Something that a model can ask for: what it is told, and what is done. Called by several threads at once.
 *
 * @param effect what it changes, for a client that asks a person before it calls one: {@code reads}, {@code changes} or
 *     {@code destroys}
 */
public record McpTool(
        String name, String effect, String about, List<Argument> arguments, List<Exclusion> exclusions, Action action) {

    /** Gives a client for one use. */
    public interface Client {
        DaemonClient client() throws IOException;
    }

    public interface Action {
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
    public record Call(
            ToolArguments arguments,
            DaemonLauncher launcher,
            Progress progress,
            CompletableFuture<Void> cancelled,
            HostDirectories directories,
            List<Picture> pictures) {
        /** A client for this call alone; starts the daemon when it does not run. */
        public DaemonClient client() throws IOException {
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
        public String ask(RouteCall<?> request) throws IOException {
            try (DaemonClient client = client()) {
                return new String(client.json(request), StandardCharsets.UTF_8);
            }
        }

        public String instance() {
            return arguments.required("name");
        }

        /** Resumes an instance that was paused: what is sent to a process of it does not. */
        public void wake(String instance) throws IOException {
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

    /** Tells a client that asked for it what a call is waiting for, so that neither it nor a person takes it for stuck. */
    public static final class Progress {
        private static final long SECONDS_BETWEEN = 2;

        private final BiConsumer<Double, String> notify;
        private final long begin = System.nanoTime();

        /** @param notify takes the seconds since the call began, and a line */
        public Progress(BiConsumer<Double, String> notify) {
            this.notify = notify;
        }

        /** For a client that did not ask. */
        public static Progress untold() {
            return new Progress((seconds, line) -> {});
        }

        public void tell(String line) {
            notify.accept(seconds(), line);
        }

        private double seconds() {
            return (System.nanoTime() - begin) / 1e9;
        }

        /** Does something that can take long, and tells every other second that it is still being done. */
        public <T> T during(String what, Callable<T> work) throws IOException {
            CompletableFuture<T> result = new CompletableFuture<>();
            Thread.ofVirtual().name(what).start(() -> {
                try {
                    result.complete(work.call());
                } catch (Exception | StackOverflowError | OutOfMemoryError failure) {
                    result.completeExceptionally(failure);
                }
            });
            while (true) {
                try {
                    return result.get(SECONDS_BETWEEN, TimeUnit.SECONDS);
                } catch (TimeoutException still) {
                    tell(what + " (" + Math.round(seconds()) + " s)");
                } catch (ExecutionException failure) {
                    throw rethrown(failure.getCause());
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    throw new DaemonException("interrupted", stop);
                }
            }
        }

        private static IOException rethrown(@Nullable Throwable cause) {
            if (cause instanceof RuntimeException refusal) {
                throw refusal;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof IOException obstacle ? obstacle : new IOException(cause);
        }
    }
}
