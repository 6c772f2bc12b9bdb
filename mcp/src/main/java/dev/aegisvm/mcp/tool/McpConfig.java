package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.*;
import org.tomlj.*;

/** What a person lets models use of this host, beyond what the client names: the table {@code mcp} of config.toml, as it is now. */
public record McpConfig(AegisHome home) {
    static final String WORKSPACES = "mcp.workspaces";

    /** Directories, for reading where {@code :rw} does not follow. */
    List<String> workspaces() throws IOException {
        return list(WORKSPACES, String.class, "[\"/a/directory:rw\"]");
    }

    /** Ports of this host that rules of a tool may open to a guest. */
    public List<Integer> hostPorts() throws IOException {
        return list("mcp.allow_host_ports", Long.class, "[8080]").stream()
                .filter(port -> port > 0 && port <= PortMapping.MAX_PORT)
                .map(Long::intValue)
                .toList();
    }

    private <T> List<T> list(String key, Class<T> kind, String example) throws IOException {
        Path file = home.config();
        if (Files.notExists(file)) {
            return List.of();
        }
        TomlParseResult config = Toml.parse(file);
        Object found = config.hasErrors() ? "" : config.get(key);
        List<Object> entries = found instanceof TomlArray array ? array.toList() : List.of();
        if (found != null && (!(found instanceof TomlArray) || !entries.stream().allMatch(kind::isInstance))) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    key + " in " + file + " must be a list such as " + example, "ask the person to correct it");
        }
        return entries.stream().map(kind::cast).toList();
    }
}
