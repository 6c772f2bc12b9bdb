package dev.aegisvm.cli.verbs;

import module java.base;
import io.avaje.jsonb.Jsonb;

/** The MCP clients whose configuration is a file of theirs: where that is, and our server in it. The rest of it stays. */
enum McpClients {
    CLAUDE_DESKTOP("claude-desktop", ".config/Claude/claude_desktop_config.json", "", "mcpServers"),
    CURSOR("cursor", ".cursor/mcp.json", ".cursor/mcp.json", "mcpServers"),
    VSCODE("vscode", ".config/Code/User/mcp.json", ".vscode/mcp.json", "servers"),
    CODEX("codex", ".codex/config.toml", "", "mcp_servers");

    /** What the server is called there. */
    private static final String NAME = "aegis";

    /** What is there stays, nothing or not. */
    private static final Jsonb WHOLE =
            Jsonb.builder().serializeNulls(true).serializeEmpty(true).build();

    private final String word;
    private final String file;
    private final String projectFile;
    private final String key;

    McpClients(String word, String file, String projectFile, String key) {
        this.word = word;
        this.file = file;
        this.projectFile = projectFile;
        this.key = key;
    }

    static Optional<McpClients> of(String word) {
        return Arrays.stream(values())
                .filter(client -> client.word.equals(word))
                .findFirst();
    }

    static String words() {
        return Arrays.stream(values()).map(client -> client.word).collect(Collectors.joining(", "));
    }

    /** How a client starts the server. */
    record Start(String command, Map<String, String> environment) {}

    /** Where its configuration is; empty where it has none for a project. */
    Optional<Path> file(Path home, boolean project) {
        return project
                ? Optional.of(projectFile).filter(name -> !name.isEmpty()).map(Path::of)
                : Optional.of(home.resolve(file));
    }

    /** Puts our server into a file, in place of an earlier one; without one, takes it out. Tells whether anything changed. */
    boolean write(Path path, Optional<Start> start) throws IOException {
        String before = Files.exists(path) ? Files.readString(path) : "";
        String after = this == CODEX ? toml(before, start) : json(before, start, path);
        if (after.equals(before)) {
            return false;
        }
        Path whole = path.toAbsolutePath();
        Path directory = Objects.requireNonNull(whole.getParent());
        Files.createDirectories(directory);
        Path made = Files.createTempFile(directory, ".aegis-", ".tmp");
        try {
            Files.writeString(made, after);
            if (Files.exists(whole)) {
                Files.setPosixFilePermissions(made, Files.getPosixFilePermissions(whole));
            }
            // A link to the file stays one.
            Files.move(made, Files.exists(whole) ? whole.toRealPath() : whole, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
        }
        return true;
    }

    @SuppressWarnings({"checkstyle:MapOfObjects", "unchecked"})
    private String json(String before, Optional<Start> start, Path path) throws IOException {
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
                    path
                            + " is no JSON object that can be changed here (it may have comments); `aegis mcp install --print`"
                            + " shows what to put into it",
                    noJson);
        }
        if (start.isEmpty() && !servers.containsKey(NAME)) {
            return before;
        }
        servers.remove(NAME);
        start.ifPresent(server -> servers.put(NAME, entry(server)));
        all.put(key, servers);
        return WHOLE.type(Object.class).toJsonPretty(all) + "\n";
    }

    @SuppressWarnings("checkstyle:MapOfObjects")
    private static Map<String, Object> entry(Start start) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("type", "stdio");
        entry.put("command", start.command());
        entry.put("args", List.of());
        entry.put("env", start.environment());
        return entry;
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
        StringBuilder table =
                new StringBuilder("[" + key + "." + NAME + "]\ncommand = " + quoted(start.command()) + "\n");
        if (!start.environment().isEmpty()) {
            table.append("\n[").append(key).append('.').append(NAME).append(".env]\n");
            start.environment()
                    .forEach((name, value) -> table.append(name)
                            .append(" = ")
                            .append(quoted(value))
                            .append('\n'));
        }
        return table.toString();
    }

    private static String quoted(String text) {
        return Jsonb.instance().toJson(text);
    }
}
