package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code secret_set}: the value is in no answer. */
final class SecretSetTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "secret_set",
                "Store a secret",
                Effect.CHANGES,
                """
                Stores a secret, encrypted, in place of the one that has this name. Instances started with secrets [name] get it as \
                an environment variable at their next boot. If you do not know the value, ask the person to run \
                `aegis secret set NAME`, so that it does not pass through this conversation.""",
                ArgumentList.none()
                        .required("key", Argument.Kind.TEXT, "the name, such as API_KEY")
                        .required("value", Argument.Kind.TEXT, "the value, at most 64 KiB"));
    }

    @Override
    public String call(Call call) throws IOException {
        String name = new SecretName(call.arguments().required("key")).value();
        try (DaemonClient client = call.client()) {
            return ApiJson.text(
                    client.putSecret(name, new SecretValue(call.arguments().required("value"))));
        }
    }
}
