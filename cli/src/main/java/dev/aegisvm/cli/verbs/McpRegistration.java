package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How Claude Code knows our MCP server, by its own command: {@code claude mcp add|remove}. */
final class McpRegistration {
    /** What the server is called there. */
    static final String NAME = "aegis";

    private static final List<String> PASSED_ON = List.of("AEGIS_HOME", "AEGIS_CACHE");

    private final Session session;
    private final String scope;

    /** @param project for all who work on the project in this directory, else for this user everywhere */
    McpRegistration(Session session, boolean project) {
        this.session = session;
        this.scope = project ? "project" : "user";
    }

    /** The program that a client has to start: beside {@code aegisd}. */
    Path server() {
        return DaemonLauncher.program().resolveSibling("aegis-mcp");
    }

    /** The variables that make the server find the home that we use. */
    Map<String, String> environment() {
        Map<String, String> passed = new LinkedHashMap<>();
        for (String name : PASSED_ON) {
            String value = session.environment().get(name);
            if (value != null && !value.isEmpty()) {
                passed.put(name, value);
            }
        }
        return passed;
    }

    /** Registers the server, in place of what had its name there. */
    void add() throws IOException {
        if (!Files.isExecutable(server())) {
            throw new IOException("the MCP server is missing: " + server() + " (run `make all`)");
        }
        claude(List.of("mcp", "remove", "--scope", scope, NAME), false);
        List<String> words = new ArrayList<>(List.of("mcp", "add", "--transport", "stdio", "--scope", scope, NAME));
        environment().forEach((name, value) -> words.addAll(List.of("--env", name + "=" + value)));
        words.addAll(List.of("--", server().toString()));
        claude(words, true);
    }

    void remove() throws IOException {
        claude(List.of("mcp", "remove", "--scope", scope, NAME), true);
    }

    /** Runs the command; what it says is for the user, unless it does not matter. */
    private void claude(List<String> words, boolean matters) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program().toString());
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(session.environment());
        Process claude = builder.start();
        String said = new String(claude.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        int exitCode = claude.onExit().join().exitValue();
        if (!matters) {
            return;
        }
        if (exitCode != 0) {
            throw new IOException("`claude mcp " + words.get(1) + "` ended with exit code " + exitCode + ": "
                    + Printable.of(said.strip()));
        }
        session.console().print(said);
    }

    private Path program() throws IOException {
        Optional<Path> found = Optional.empty();
        for (String directory : session.environment().getOrDefault("PATH", "").split(":", -1)) {
            Path program = Path.of(directory, "claude");
            if (found.isEmpty() && !directory.isEmpty() && Files.isExecutable(program)) {
                found = Optional.of(program);
            }
        }
        return found.orElseThrow(() ->
                new IOException("there is no `claude` on the PATH; for other MCP clients: aegis mcp install --print"));
    }
}
