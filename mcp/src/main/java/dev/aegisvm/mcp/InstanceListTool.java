package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code instance_list}. */
final class InstanceListTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_list",
                "List instances",
                Effect.READS,
                """
                Lists the instances on this host with their states, ports and commands. Call it to find an instance that may be \
                there already.""",
                ArgumentList.none()
                        .optional(
                                "state",
                                Argument.Kind.TEXT,
                                "only those that are stopped, starting, running or paused"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return new String(client.listJson(call.arguments().text("state")), StandardCharsets.UTF_8);
        }
    }
}
