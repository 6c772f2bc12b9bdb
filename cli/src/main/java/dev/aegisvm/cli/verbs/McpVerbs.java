package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.host.*;
import io.avaje.jsonb.Jsonb;

/** Verbs that register our MCP server: by {@code claude mcp} for Claude Code, in their files for other clients. */
public final class McpVerbs {
    /** What the server is called in a client. */
    private static final String NAME = "aegis";

    private static final String CLAUDE_CODE = "claude-code";
    private static final String CLIENT = "--client";
    private static final String[] CLIENTS = {CLAUDE_CODE, "claude-desktop", "cursor", "vscode", "codex"};

    private static final List<String> PASSED_ON = List.of(AegisHome.VARIABLE, AegisHome.CACHE_VARIABLE);

    private McpVerbs() {}

    public static Verb install() {
        return verb("register the MCP server with an MCP client", "only for the project in this directory")
                .with("--print", "print the configuration for other MCP clients, and change nothing")
                .does(McpVerbs::install);
    }

    private static int install(Arguments arguments, Session session) throws IOException {
        Path server = DaemonLauncher.program().resolveSibling("aegis-mcp");
        McpClients.Start start = new McpClients.Start(server.toString(), environment(session));
        if (arguments.has("--print")) {
            session.console().print(McpClients.CURSOR.with("", Optional.of(start)));
            return 0;
        }
        if (!Files.isExecutable(server)) {
            throw new IOException("the MCP server is missing: " + server + " (run `make all`)");
        }
        return register(Optional.of(start), arguments, session);
    }

    public static Verb uninstall() {
        return verb("remove the MCP server from an MCP client", "from the project in this directory")
                .does((arguments, session) -> register(Optional.empty(), arguments, session));
    }

    private static Verb verb(String summary, String project) {
        return Verb.of(summary)
                .with(CLIENT + " CLIENT", "claude-code (the default), claude-desktop, cursor, vscode or codex")
                .offering(CLIENTS)
                .with("--project", project);
    }

    /** Registers the server with the client that is named, or removes it where it is not to be started. */
    private static int register(Optional<McpClients.Start> start, Arguments arguments, Session session)
            throws IOException {
        String word = Objects.requireNonNullElse(arguments.value(CLIENT), CLAUDE_CODE);
        boolean project = arguments.has("--project");
        if (word.equals(CLAUDE_CODE)) {
            registerWithClaudeCode(start, project ? "project" : "user", session);
            return 0;
        }
        String right = String.join(", ", CLIENTS);
        McpClients client = McpClients.of(word).orElseThrow(() -> arguments.malformed(CLIENT, word, right));
        Path file = client.file(AegisHome.user(session.environment()), project)
                .orElseThrow(
                        () -> arguments.wrong("this client has no configuration for a project; leave --project out"));
        boolean changed = client.write(file, start);
        String what = start.isPresent() ? "registered 'aegis' in " : "removed 'aegis' from ";
        session.console()
                .line(Printable.of(
                        changed ? what + file + "; restart the client" : "nothing to do: " + file + " is up to date"));
        return 0;
    }

    private static void registerWithClaudeCode(Optional<McpClients.Start> start, String scope, Session session)
            throws IOException {
        claude(session, start.isEmpty(), List.of("remove", "--scope", scope, NAME));
        if (start.isPresent()) {
            List<String> words = new ArrayList<>(List.of("add", "--transport", "stdio", "--scope", scope, NAME));
            start.get().environment().forEach((name, value) -> words.addAll(List.of("--env", name + "=" + value)));
            words.addAll(List.of("--", start.get().command()));
            claude(session, true, words);
        }
    }

    /** The variables with which the server finds the home that we use. */
    private static Map<String, String> environment(Session session) {
        Map<String, String> passed = new LinkedHashMap<>();
        PASSED_ON.forEach(name -> passed.computeIfAbsent(name, session.environment()::get));
        passed.values().removeIf(String::isEmpty);
        return passed;
    }

    /** Runs {@code claude mcp}; what it says and how it ends matters only where it must succeed. */
    private static void claude(Session session, boolean must, List<String> words) throws IOException {
        Path program = Program.find("claude", session.environment().getOrDefault("PATH", ""))
                .orElseThrow(() -> new IOException(
                        "there is no `claude` on the PATH; for other MCP clients: aegis mcp install --print"));
        List<String> command = new ArrayList<>(List.of(program.toString(), "mcp"));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(session.environment());
        Process claude = builder.start();
        String said = new String(claude.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = claude.onExit().join().exitValue();
        if (must && exitCode != 0) {
            throw new IOException("`claude mcp " + words.getFirst() + "` ended with exit code " + exitCode + ": "
                    + Printable.of(said.strip()));
        }
        if (must) {
            session.console().print(said);
        }
    }

    /** MCP clients that are configured by a file: where it is, and our server's entry. The rest of the file is kept. */
    enum McpClients {
        CLAUDE_DESKTOP(".config/Claude/claude_desktop_config.json", "", "mcpServers"),
        CURSOR(".cursor/mcp.json", ".cursor/mcp.json", "mcpServers"),
        VSCODE(".config/Code/User/mcp.json", ".vscode/mcp.json", "servers"),
        CODEX(".codex/config.toml", "", "mcp_servers");

        /** What is there stays, nothing or not. */
        private static final Jsonb WHOLE =
                Jsonb.builder().serializeNulls(true).serializeEmpty(true).build();

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
        private final String file;
        private final String projectFile;
        private final String key;

        McpClients(String file, String projectFile, String key) {
            this.file = file;
            this.projectFile = projectFile;
            this.key = key;
        }

        static Optional<McpClients> of(String word) {
            return Arrays.stream(values())
                    .filter(client -> client.word.equals(word))
                    .findFirst();
        }

        /** How a client starts the server. */
        record Start(String command, Map<String, String> environment) {}

        /** Where its configuration is; empty where it has none for a project. */
        Optional<Path> file(Path home, boolean project) {
            return project
                    ? Optional.of(projectFile).filter(name -> !name.isEmpty()).map(Path::of)
                    : Optional.of(home.resolve(file));
        }

        /** Writes our server's entry to a file, or removes it if there is none. Returns whether the file changed. */
        boolean write(Path path, Optional<Start> start) throws IOException {
            String before = Files.exists(path) ? Files.readString(path) : "";
            String after = with(before, start);
            if (after.equals(before)) {
                return false;
            }
            Files.createDirectories(path.toAbsolutePath().resolveSibling(""));
            boolean there = Files.exists(path);
            // A link to the file stays one.
            Path place = there ? path.toRealPath() : path;
            Set<PosixFilePermission> permissions = there ? Files.getPosixFilePermissions(place) : HostModes.of(0600);
            byte[] content = after.getBytes(StandardCharsets.UTF_8);
            Draft.write(place, out -> out.write(content), PosixFilePermissions.asFileAttribute(permissions));
            // Whatever the umask is.
            Files.setPosixFilePermissions(place, permissions);
            return true;
        }

        /** A configuration with our server in it, or without. */
        String with(String before, Optional<Start> start) throws IOException {
            return this == CODEX ? toml(before, start) : json(before, start);
        }

        @SuppressWarnings({"checkstyle:MapOfObjects", "unchecked"})
        private String json(String before, Optional<Start> start) throws IOException {
            Map<String, Object> all = new LinkedHashMap<>();
            Map<String, Object> servers = new LinkedHashMap<>();
            try {
                if (!before.isBlank()) {
                    all.putAll((Map<String, Object>)
                            Jsonb.instance().type(Object.class).fromJson(before));
                }
                if (all.get(key) != null) {
                    servers.putAll((Map<String, Object>) all.get(key));
                }
            } catch (RuntimeException noJson) {
                throw new IOException(
                        "the configuration of " + word + " is not a JSON object, or it has comments; add the entry of"
                                + " `aegis mcp install --print` by hand",
                        noJson);
            }
            if (start.isEmpty() && !servers.containsKey(NAME)) {
                return before;
            }
            servers.remove(NAME);
            start.ifPresent(server -> {
                Map<String, Object> entry = new LinkedHashMap<>(Map.of("type", "stdio"));
                entry.put("command", server.command());
                entry.put("args", List.of());
                entry.put("env", server.environment());
                servers.put(NAME, entry);
            });
            all.put(key, servers);
            return WHOLE.type(Object.class).toJsonPretty(all) + "\n";
        }

        /** The tables of our server are lines that stand together; others are not touched. */
        private String toml(String before, Optional<Start> start) {
            StringBuilder text = new StringBuilder();
            boolean ours = false;
            for (String line : before.lines().toList()) {
                if (line.strip().startsWith("[")) {
                    ours = line.strip().matches("\\[" + key + "\\." + NAME + "(\\..*)?]");
                }
                if (!ours) {
                    text.append(line).append('\n');
                }
            }
            String rest = text.toString().stripTrailing();
            return start.map(server -> (rest.isEmpty() ? "" : rest + "\n\n") + table(server))
                    .orElse(rest.isEmpty() ? "" : rest + "\n");
        }

        private String table(Start start) {
            String name = key + "." + NAME;
            String variables = start.environment().entrySet().stream()
                    .map(each -> each.getKey() + " = " + quoted(each.getValue()) + "\n")
                    .collect(Collectors.joining());
            return "[" + name + "]\ncommand = " + quoted(start.command()) + "\n"
                    + (variables.isEmpty() ? "" : "\n[" + name + ".env]\n" + variables);
        }

        private static String quoted(String text) {
            return Jsonb.instance().toJson(text);
        }
    }
}
