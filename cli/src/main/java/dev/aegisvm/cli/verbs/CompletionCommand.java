package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.InstanceView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.CompletionScript;
import dev.aegisvm.cli.line.Nearest;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.NotRunningException;
import java.io.IOException;
import java.util.List;

/** {@code aegis completion}: the script that makes a shell complete our commands. */
public final class CompletionCommand implements Verb {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    @Override
    public Usage usage() {
        return Usage.of("completion", "print a completion script for bash, zsh or fish")
                .operand("<bash|zsh|fish>")
                .details(
                        "`aegis completion names` prints what instances are called; the scripts complete with it. It starts nothing.")
                .example("source <(aegis completion bash)");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        String shell = arguments.operand();
        if (shell.equals("names")) {
            printNames(session);
            return 0;
        }
        String script = switch (shell) {
            case "bash" -> CompletionScript.bash();
            case "zsh" -> CompletionScript.zsh();
            case "fish" -> CompletionScript.fish();
            default -> {
                String near = Nearest.to(shell, SHELLS);
                throw arguments.wrong("no completion for '" + Printable.of(shell) + "'; "
                        + (near == null
                                ? "there is one for bash, zsh and fish"
                                : "did you mean `aegis completion " + near + "`?"));
            }
        };
        session.console().print(script);
        return 0;
    }

    /** Whoever presses a key to complete a word wants no daemon to start, and no complaint. */
    private static void printNames(Session session) throws IOException {
        try (DaemonClient daemon = session.client()) {
            for (InstanceView instance : daemon.list(null)) {
                String handle = instance.handle();
                session.console().line(Printable.of(handle == null ? instance.id() : handle));
            }
        } catch (NotRunningException none) {
            return;
        }
    }
}
