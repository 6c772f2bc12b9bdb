package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code instance_pause}: halts the VM where it is. */
final class InstancePauseTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_pause",
                "Pause an instance",
                Effect.CHANGES,
                """
                Halts a running instance where it is: it keeps its memory and uses no CPU. instance_resume or an exec lets it go on, in \
                milliseconds. For longer breaks instance_stop frees the memory too.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.pause(call.arguments().required("name")));
        }
    }
}
