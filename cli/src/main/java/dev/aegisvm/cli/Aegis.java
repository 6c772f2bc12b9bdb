package dev.aegisvm.cli;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.line.HelpText;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Console.OutputException;
import dev.aegisvm.cli.terminal.Ending;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command {@code aegis}: finds the verb, runs it, and turns what went wrong into one line and an exit code. */
public final class Aegis {
    static final int USAGE = 2;
    /** 128 + SIGPIPE, as of any program whose reader has left. */
    static final int READER_LEFT = 141;

    private final Session session;

    Aegis(Session session) {
        this.session = session;
    }

    /** Runs one command and ends the JVM. */
    public static void main(String[] words) {
        Map<String, String> environment = System.getenv();
        Session session = new Session(Console.ofProcess(environment), environment);
        Ending.exit(new Aegis(session).run(List.of(words)));
    }

    /** Runs one command; gives its exit code. */
    int run(List<String> given) {
        Verb verb = null;
        try {
            Command.Match match = Commands.tree().find(given);
            Command command = match.command();
            verb = command.verb();
            if (verb == null) {
                session.console().print(HelpText.of(command));
                return 0;
            }
            Arguments arguments = Arguments.parse(command.path(), verb.usage(), given, match.length());
            if (arguments.wantsHelp()) {
                session.console().print(HelpText.of(command));
                return 0;
            }
            return verb.run(arguments, session);
        } catch (UsageException mistake) {
            session.console().say(String.valueOf(mistake.getMessage()));
            return USAGE;
        } catch (ApiException refusal) {
            return refused(refusal, verb);
        } catch (OutputException output) {
            return output.readerLeft() ? READER_LEFT : failed(output, verb);
        } catch (IOException failure) {
            return failed(failure, verb);
        } catch (RuntimeException mistake) {
            return internal(mistake, verb);
        }
    }

    private int refused(ApiException refusal, @Nullable Verb verb) {
        if (!Ending.begun()) {
            session.say(refusal);
        }
        Integer exitCode = refusal.error().exitCode();
        int failed = exitCodeOf(verb);
        return exitCode != null && failed == Verb.FAILED_BESIDE_GUEST ? exitCode : failed;
    }

    private int failed(IOException failure, @Nullable Verb verb) {
        say(String.valueOf(failure.getMessage()));
        return exitCodeOf(verb);
    }

    private int internal(RuntimeException mistake, @Nullable Verb verb) {
        say("internal error: " + mistake + " (AEGIS_DEBUG=1 shows where)");
        if (session.environment().containsKey("AEGIS_DEBUG")) {
            for (StackTraceElement at : mistake.getStackTrace()) {
                session.console().say("    at " + at);
            }
        }
        return exitCodeOf(verb);
    }

    private void say(String line) {
        if (!Ending.begun()) {
            session.console().say("aegis: ".concat(line));
        }
    }

    private static int exitCodeOf(@Nullable Verb verb) {
        return verb == null ? Verb.FAILED : verb.failed();
    }
}
