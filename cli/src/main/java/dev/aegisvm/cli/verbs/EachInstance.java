package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Waiting;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** Does one thing to each instance that a command line names, and says so; one that fails keeps none from its turn. */
final class EachInstance {
    private final Arguments arguments;
    private final Session session;

    private EachInstance(Arguments arguments, Session session) {
        this.arguments = arguments;
        this.session = session;
    }

    /** What is asked of the daemon for one instance; gives the word for what has become of it. */
    interface Request {
        String of(DaemonClient daemon, String instance) throws IOException;
    }

    /** The instances that the arguments name. */
    static EachInstance of(Arguments arguments, Session session) {
        return new EachInstance(arguments, session);
    }

    /**
     * Asks for each, in turn; the exit code tells whether all went well.
     *
     * @param doing what a person who waits is told: {@code stopping}
     */
    int ask(String doing, Request request) throws IOException {
        int exitCode = 0;
        try (DaemonClient daemon = session.daemon()) {
            for (String name : arguments.operands()) {
                try {
                    session.console().line(Printable.of(name) + ": " + askFor(name, daemon, doing, request));
                } catch (ApiException refusal) {
                    session.say(refusal);
                    exitCode = Verb.FAILED;
                }
            }
        }
        return exitCode;
    }

    private String askFor(String name, DaemonClient daemon, String doing, Request request) throws IOException {
        try (Waiting _ = Waiting.on(session.console(), doing + " " + name)) {
            return Printable.of(request.of(daemon, name));
        }
    }
}
