package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** One call of a tool: what it was given, what it works with, and whether its answer is still wanted. */
record Call(ToolArguments arguments, Daemon daemon, Progress progress, Cancellation cancellation) {
    /** A client for this call alone; starts the daemon when it does not run. */
    DaemonClient client() throws IOException {
        return daemon.client(progress);
    }
}
