package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code instance_disable}: ends the VM, and nothing implicit starts it again. */
final class InstanceDisableTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_disable",
                "Disable an instance",
                Effect.CHANGES,
                """
                As instance_stop, and nothing but instance_start starts it again, no connection to its ports either. Its logs cannot be \
                read until then.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.disable(call.arguments().required("name")));
        }
    }
}
