package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.mcp.server.*;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import tools.jackson.databind.json.JsonMapper;

/** The program {@code aegis-mcp}: an MCP server on stdin and stdout, whose tools are what the daemon can do. */
public final class AegisMcp {
    private AegisMcp() {}

    public static void main(String[] words) throws IOException {
        if (words.length > 0) {
            System.err.println(
                    "aegis-mcp: takes no arguments; it is an MCP server that a client starts, and speaks on stdin"
                            + " and stdout. See `aegis mcp install --help`");
            System.exit(2);
        }
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        // Whatever else is printed must not get between the messages.
        System.setOut(System.err);
        McpJsonMapper json = new JacksonMcpJsonMapper(JsonMapper.builder().build());
        StdioTransport transport = new StdioTransport(json, System.in, out, StdioTransport.GRACE);
        DaemonLauncher launcher = new DaemonLauncher(AegisHome.of(System.getenv()), DaemonLauncher.program());
        new ToolServer(json, launcher, Tools.all()).on(transport);
        transport.serve();
        System.exit(0);
    }
}
