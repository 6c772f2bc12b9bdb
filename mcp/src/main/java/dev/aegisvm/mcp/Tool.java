package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** Something that a model can ask for. Called by several threads at once. */
interface Tool {
    /** What a model is told of it. */
    Description description();

    /**
     * Does it; may block.
     *
     * @return the answer, a JSON text or plain text
     * @throws dev.aegisvm.api.ApiException when it is refused
     * @throws IOException when the daemon cannot be reached, started or understood
     */
    String call(Call call) throws IOException;

    /** A tool that is described and done so. */
    static Tool of(Description description, Action action) {
        return new Plain(description, action);
    }

    /** What a tool does. */
    @FunctionalInterface
    interface Action {
        String call(Call call) throws IOException;
    }

    /** A tool of two parts. */
    record Plain(Description description, Action action) implements Tool {
        @Override
        public String call(Call call) throws IOException {
            return action.call(call);
        }
    }

    /** What a tool changes, for a client that asks a person before it calls one. */
    enum Effect {
        /** Nothing changes. */
        READS,
        /** Something is added or changed, and can be changed back. */
        CHANGES,
        /** Something may be lost. */
        DESTROYS
    }

    /**
     * What a model is told of a tool.
     *
     * @param name as it is called
     * @param title a few words for people
     * @param text what it does, and when to use which
     * @param open whether it runs code that may reach anything
     * @param arguments what it takes
     */
    record Description(String name, String title, String text, Effect effect, boolean open, ArgumentList arguments) {
        static Description of(String name, String title, Effect effect, String text, ArgumentList arguments) {
            return new Description(name, title, text, effect, false, arguments);
        }

        /** It runs code of the caller's. */
        Description runningCode() {
            return new Description(name, title, text, effect, true, arguments);
        }
    }

    /** One call of a tool: what it was given, what it works with, and whether its answer is still wanted. */
    record Call(ToolArguments arguments, Daemon daemon, Progress progress, Cancellation cancellation) {
        /** A client for this call alone; starts the daemon when it does not run. */
        DaemonClient client() throws IOException {
            return daemon.client(progress);
        }
    }
}
