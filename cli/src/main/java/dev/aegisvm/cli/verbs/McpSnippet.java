package dev.aegisvm.cli.verbs;

import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Map;

/**
 * What MCP clients read from their configuration files.
 *
 * @param mcpServers servers by name
 */
@Json
record McpSnippet(Map<String, Server> mcpServers) {
    /** How a client starts a server and speaks with it. */
    @Json
    record Server(String type, String command, List<String> args, Map<String, String> env) {}

    static McpSnippet of(McpRegistration registration) {
        Server server = new Server("stdio", registration.server().toString(), List.of(), registration.environment());
        return new McpSnippet(Map.of(McpRegistration.NAME, server));
    }

    String json() {
        return Jsonb.instance().type(McpSnippet.class).toJsonPretty(this);
    }
}
