package dev.aegisvm.cli.verbs;

import module java.base;
import io.avaje.jsonb.Jsonb;

/** MCP clients that are configured by a file: where it is, and our server's entry. The rest of the file is kept. */
enum McpClients {
    CLAUDE_DESKTOP("claude-desktop", ".config/Claude/claude_desktop_config.json", "", "mcpServers"),
    CURSOR("cursor", ".cursor/mcp.json", ".cursor/mcp.json", "mcpServers"),
    VSCODE("vscode", ".config/Code/User/mcp.json", ".vscode/mcp.json", "servers"),
    CODEX("codex", ".codex/config.toml", "", "mcp_servers");

    static final String NAME = "aegis";

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
