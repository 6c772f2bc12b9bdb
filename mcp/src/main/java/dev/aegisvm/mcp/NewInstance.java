package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** What tools that make an instance have in common. */
final class NewInstance {
    private NewInstance() {}

    /** What every new instance can be given. Its rules open as much of this host as a person allows. */
    static CreateInstanceBuilder request(Call call, List<String> command, @Nullable String image) throws IOException {
        ToolArguments given = call.arguments();
        McpConfig config = new McpConfig(call.launcher().home());
        return CreateInstanceBuilder.builder()
                .command(command)
                .imageRef(image)
                .memoryMb(given.numberOrNull("memory_mb"))
                .env(given.textsByNameInstead("env"))
                .secrets(given.textsInstead("secrets"))
                .network(given.text("network"))
                .allow(given.textsInstead("allow"))
                .hostPorts(given.has("allow") ? config.hostPorts() : null)
                .networkRate(given.text("network_rate"));
    }
}
