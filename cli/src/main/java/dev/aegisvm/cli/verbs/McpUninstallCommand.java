package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis mcp uninstall}. */
public final class McpUninstallCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("mcp uninstall", "take the MCP server out of Claude Code")
                .with("--project", "out of this project (.mcp.json in this directory)")
                .details("Calls `claude mcp remove`, which has to be on the PATH.")
                .example("aegis mcp uninstall");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        new McpRegistration(session, arguments.has("--project")).remove();
        return 0;
    }
}
