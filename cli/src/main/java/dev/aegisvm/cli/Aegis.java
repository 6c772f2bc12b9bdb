package dev.aegisvm.cli;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.cli.terminal.Console.OutputException;
import dev.aegisvm.host.HostError;

/** The command {@code aegis}: finds the verb, runs it, and turns what went wrong into one line and an exit code. */
public record Aegis(Session session) {
    static final int USAGE = 2;
    /** 128 + SIGPIPE, as of any program whose reader has left. */
    static final int READER_LEFT = 141;

    public static void main(String[] words) {
        Map<String, String> environment = System.getenv();
        Session session = new Session(Console.ofProcess(environment), environment);
        Ending.exit(new Aegis(session).run(List.of(words)));
    }

    int run(List<String> words) {
        int failed = Verb.FAILED;
        if (words.stream().takeWhile(word -> !word.equals("--")).anyMatch("--json"::equals)) {
            session.sayJson();
        }
        List<String> given = words.stream().dropWhile("--json"::equals).toList();
        try {
            Command.Match match = CommandTree.root().find(given);
            Command command = match.command();
            Verb verb = command.verb();
            if (verb == null) {
                session.console().print(HelpText.of(command));
                return 0;
            }
            failed = verb.failed();
            Arguments arguments = Parser.parse(command.path(), verb, given, match.length());
            if (arguments.has("--help")) {
                session.console().print(HelpText.of(command));
                return 0;
            }
            if (arguments.has("--quiet")) {
                session.beQuiet();
            }
            return verb.run(arguments, session);
        } catch (Arguments.Mistake mistake) {
            session.say("usage", String.valueOf(mistake.getMessage()));
            return USAGE;
        } catch (ApiException refusal) {
            return refused(refusal, failed);
        } catch (OutputException output) {
            return output.readerLeft() ? READER_LEFT : failed(String.valueOf(output.getMessage()), failed);
        } catch (IOException failure) {
            return failed(HostError.text(failure), failed);
        } catch (RuntimeException mistake) {
            String where = session.environment().containsKey("AEGIS_DEBUG") ? trace(mistake) : "";
            return failed(
                    "internal error, please report it: " + mistake + " (AEGIS_DEBUG=1 shows where)" + where, failed);
        }
    }

    private int refused(ApiException refusal, int failed) {
        if (!Ending.begun()) {
            session.say(refusal);
        }
        Integer exitCode = refusal.error().exitCode();
        return exitCode != null && failed == Verb.FAILED_BESIDE_GUEST ? exitCode : failed;
    }

    private int failed(String why, int exitCode) {
        if (!Ending.begun()) {
            session.say("failed", "aegis: ".concat(why));
        }
        return exitCode;
    }

    private static String trace(RuntimeException mistake) {
        return Stream.of(mistake.getStackTrace()).map(at -> "\n    at " + at).collect(Collectors.joining());
    }
}
