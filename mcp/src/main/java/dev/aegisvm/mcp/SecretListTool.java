package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code secret_list}: names, never values. */
final class SecretListTool implements Tool {
    @Override
    public Description description() {
        return Description.of("secret_list", "List secrets", Effect.READS, """
                Lists the names of the stored secrets. Values cannot be read back; instances get them with the argument secrets of \
                instance_start.""", ArgumentList.none());
    }

    @Override
    public String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return new String(client.secretsJson(), StandardCharsets.UTF_8);
        }
    }
}
