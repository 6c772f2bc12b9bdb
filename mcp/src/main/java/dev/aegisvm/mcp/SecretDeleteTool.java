package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code secret_delete}. */
final class SecretDeleteTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "secret_delete",
                "Delete a secret",
                Effect.DESTROYS,
                """
                Removes a secret. Instances that run keep what they have; those that name it do not start without it.""",
                ArgumentList.none().required("key", Argument.Kind.TEXT, "the name"));
    }

    @Override
    public String call(Call call) throws IOException {
        String name = new SecretName(call.arguments().required("key")).value();
        try (DaemonClient client = call.client()) {
            return ApiJson.text(client.deleteSecret(name));
        }
    }
}
