package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** One call of a tool: what it was given, and what it works with. */
record Call(ToolArguments arguments, Daemon daemon, Progress progress) {
    /** A client for this call alone; starts the daemon when it does not run. */
    DaemonClient client() throws IOException {
        return daemon.client(progress);
    }
}
