package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code instance_resume}: lets a paused VM go on. */
final class InstanceResumeTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "instance_resume",
                "Resume an instance",
                Effect.CHANGES,
                """
                Lets a paused instance go on. An exec does so by itself.""",
                ArgumentList.none().required("name", Argument.Kind.TEXT, "name or id of the instance"));
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.resume(call.arguments().required("name")));
        }
    }
}
