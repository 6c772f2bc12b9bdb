package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.tool.ToolArguments.*;

/**
 * Something that a model can ask for: what it is told, and what is done. Called by several threads at once.
 *
 * @param effect what it changes, for a client that asks a person before it calls one: {@code reads}, {@code changes} or
 *     {@code destroys}
 */
public record McpTool(
        String name, String effect, String about, List<Argument> arguments, List<Exclusion> exclusions, Action action) {

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
     *
     * @param daemon closed after the call; not connected before {@link #client}
     */
    public record Call(
            ToolArguments arguments,
            DaemonLauncher launcher,
            DaemonClient daemon,
            Progress progress,
            CompletableFuture<Void> cancelled,
            HostAccess host,
            List<Picture> pictures) {
        /** The client of this call, for its own thread; starts the daemon when it does not run. */
        public DaemonClient client() throws IOException {
            try {
                daemon.connect();
            } catch (DaemonException.NotRunning none) {
                progress.during("starting aegisd", launcher::launch);
                daemon.connect();
            }
            return daemon;
        }

        /** Passes a request on, and gives the daemon's answer as it is. */
        public String ask(RouteCall<?> request) throws IOException {
            return new String(client().json(request), StandardCharsets.UTF_8);
        }

        public String instance() {
            return arguments.required("name");
        }

        /** Closes something that work waits for when the client wants no answer any more. */
        public void closeWhenCancelled(Closeable awaited) {
            var _ = cancelled.thenRun(() -> quietly(awaited));
        }

        /** Does something; what it waits for is closed then, too, or when it takes too long. */
        public <T> T within(Duration most, Closeable awaited, Progress.Work<T> work) throws IOException {
            CompletableFuture<Void> over =
                    cancelled.copy().completeOnTimeout(null, most.toMillis(), TimeUnit.MILLISECONDS);
            var _ = over.thenRun(() -> quietly(awaited));
            try {
                return work.result();
            } finally {
                over.cancel(false);
            }
        }

        /** Closes what may have ended by itself. */
        public static void quietly(Closeable closed) {
            try {
                closed.close();
            } catch (IOException ended) {
                return;
            }
        }

        /** Resumes an instance that was paused: what is sent to a process of it does not. */
        public void wake(String instance) throws IOException {
            var _ = ask(Routes.RESUME.to(instance));
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

        public void tell(String line) {
            notify.accept(seconds(), line);
        }

        private double seconds() {
            return (System.nanoTime() - begin) / 1e9;
        }

        /** Something that can take long. */
        public interface Work<T> {
            T result() throws IOException;
        }

        /** Does it, and tells every other second that it is still being done. */
        public <T> T during(String what, Work<T> work) throws IOException {
            // Closing it waits for what it tells: nothing is told of a call that was answered.
            try (ScheduledExecutorService teller = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name(what).factory())) {
                var _ = teller.scheduleWithFixedDelay(
                        () -> tell(what + " (" + Math.round(seconds()) + " s)"),
                        SECONDS_BETWEEN,
                        SECONDS_BETWEEN,
                        TimeUnit.SECONDS);
                return work.result();
            }
        }
    }
}
