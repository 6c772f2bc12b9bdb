package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis mcp install}. */
public final class McpInstallCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("mcp install", "register the MCP server with Claude Code")
                .with("--project", "for this project (.mcp.json in this directory), not for you everywhere")
                .with("--print", "print the configuration for other MCP clients, and change nothing")
                .details(
                        "Calls `claude mcp add`, which has to be on the PATH. AEGIS_HOME and AEGIS_CACHE go with it where they are\n"
                                + "set. What is registered under the name 'aegis' is replaced.")
                .example("aegis mcp install");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        McpRegistration registration = new McpRegistration(session, arguments.has("--project"));
        if (arguments.has("--print")) {
            session.console().line(McpSnippet.of(registration).json());
        } else {
            registration.add();
        }
        return 0;
    }
}
