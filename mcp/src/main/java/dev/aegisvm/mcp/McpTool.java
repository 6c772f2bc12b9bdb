package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.ToolArguments.Argument;
import org.jspecify.annotations.Nullable;

/** Something that a model can ask for: what it is told, and what is done. Called by several threads at once. */
record McpTool(Description told, Action action) {
    /** What a tool changes, for a client that asks a person before it calls one. */
    enum Effect {
        /** Nothing changes. */
        READS,
        /** Something is added or changed, and can be changed back. */
        CHANGES,
        /** Something may be lost. */
        DESTROYS
    }

    static Description reads(String name, String title) {
        return new Description(name, title, Effect.READS);
    }

    static Description changes(String name, String title) {
        return new Description(name, title, Effect.CHANGES);
    }

    static Description destroys(String name, String title) {
        return new Description(name, title, Effect.DESTROYS);
    }

    /** What a model is told of a tool, and what the tool takes. */
    @SuppressWarnings("checkstyle:MapOfObjects")
    static final class Description {
        final String name;
        final String title;
        final Effect effect;
        final List<Argument> arguments = new ArrayList<>();
        String text = "";

        @Nullable
        Map<String, Object> output;

        boolean runsCode;

        private Description(String name, String title, Effect effect) {
            this.name = name;
            this.title = title;
            this.effect = effect;
        }

        Description about(String sentences) {
            text = sentences;
            return this;
        }

        /** It runs code of the caller's, which may reach anything. */
        Description runningCode() {
            runsCode = true;
            return this;
        }

        /** Its answer, when it succeeds, is one of these as JSON. */
        @SafeVarargs
        final Description gives(Class<? extends Record>... records) {
            output = OutputSchema.of(records);
            return this;
        }

        /** It needs an argument; the text says what it means, with its unit. */
        Description takes(String argument, Kind kind, String meaning) {
            arguments.add(new Argument(argument, kind, true, meaning));
            return this;
        }

        /** It has an argument that may be left out; the text says what it means, with its unit and its default. */
        Description mayTake(String argument, Kind kind, String meaning) {
            arguments.add(new Argument(argument, kind, false, meaning));
            return this;
        }

        Description takesInstance() {
            return takes("name", Kind.TEXT, "the instance");
        }

        Description mayTakeUser() {
            return mayTake("user", Kind.TEXT, "of the guest; else root");
        }

        /** What a new instance's guest may reach. */
        Description mayTakeNetwork() {
            return mayTake(
                            "network",
                            Kind.word("none", "public", "allow", "open"),
                            "what it may reach; public: no private addresses, allow: only what allow names")
                    .mayTake(
                            "allow",
                            Kind.TEXTS,
                            "api.example.com, *.example.com:443, 10.1.0.0/16, @github, instance:db:5432;"
                                    + " without network, it reaches nothing else")
                    .mayTake("network_rate", Kind.TEXT, "bytes a second each way, such as 10M");
        }

        /** It has what says how much of an output is in its answer. */
        Description mayTakeExcerpt() {
            arguments.addAll(Excerpt.ARGUMENTS);
            return this;
        }

        McpTool does(Action action) {
            return new McpTool(this, action);
        }
    }

    interface Action {
        /**
         * Does it, and returns a JSON text or plain text. An ApiException says why it is refused, an IOException why the
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
            } catch (NotRunningException none) {
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
    }
}
