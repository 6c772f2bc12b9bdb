package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code instance_delete}: removes an instance. */
final class InstanceDeleteTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_delete",
                "Delete an instance",
                Effect.DESTROYS,
                """
                Removes an instance with its disk and its logs, whatever it is doing. Nothing of it can be had back. Delete what is not \
                needed any more; use instance_stop to keep it.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.delete(call.arguments().required("name")));
        }
    }
}
