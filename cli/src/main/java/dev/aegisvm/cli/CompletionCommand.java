package dev.aegisvm.cli;

import java.io.IOException;
import java.util.List;

/** {@code aegis completion}: the script that makes a shell complete our commands. */
final class CompletionCommand implements Verb {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    @Override
    public Usage usage() {
        return Usage.of("completion", "print a completion script for bash, zsh or fish")
                .operand("<bash|zsh|fish>")
                .example("source <(aegis completion bash)");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        String shell = arguments.operand();
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
}
