package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code instance_stop}: ends the VM, keeps the disk. */
final class InstanceStopTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_stop",
                "Stop an instance",
                Effect.CHANGES,
                """
                Ends the machine of an instance in order; its processes end, its disk stays. instance_start with the name starts it again.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.stop(call.arguments().required("name")));
        }
    }
}
