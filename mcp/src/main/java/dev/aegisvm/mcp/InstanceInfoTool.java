package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code instance_info}. */
final class InstanceInfoTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_info",
                "Show an instance",
                Effect.READS,
                """
                Shows one instance: its state, why it is stopped and its exit code, its ports on the host, its size, how its last \
                boot went.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return new String(client.getJson(call.arguments().required("name")), StandardCharsets.UTF_8);
        }
    }
}
