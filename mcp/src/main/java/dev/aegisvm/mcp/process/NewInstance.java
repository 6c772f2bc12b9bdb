package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** What tools that make an instance have in common. */
public final class NewInstance {
    private static final String OWN_IMAGES = "aegis:";

    private NewInstance() {}

    /** What every new instance can be given. Its rules open as much of this host as a person allows. */
    public static CreateInstanceBuilder request(Call call, List<String> command, @Nullable String image)
            throws IOException {
        ToolArguments given = call.arguments();
        return CreateInstanceBuilder.builder()
                .command(command)
                .imageRef(image)
                .memoryMb(given.numberOrNull("memory_mb"))
                .env(given.has("env") ? given.textsByName("env") : null)
                .secrets(given.textsInstead("secrets"))
                .network(given.text("network"))
                .allow(given.textsInstead("allow"))
                .hostPorts(given.has("allow") ? call.host().ports() : null)
                .networkRate(given.text("network_rate"));
    }

    /** Has an image fetched that is not here, and tells how far it is. */
    public static void fetch(@Nullable String image, Call call) throws IOException {
        if (image == null || image.isEmpty() || image.startsWith(OWN_IMAGES)) {
            return;
        }
        var _ = call.client().images(Routes.PULL_IMAGE.with(new PullImage(image, true)), now -> {
            long done = Objects.requireNonNullElse(now.doneBytes(), 0L) >> 20;
            call.progress().tell("fetching " + image + ": " + now.phase() + ", " + done + " MiB");
        });
    }

    /** The names of the images that are here, but for layouts: these are looked up in directories, which may be gone. */
    public static Stream<String> images(DaemonClient client) throws IOException {
        return client.call(Routes.LIST_IMAGES).stream()
                .map(ImageView::names)
                .flatMap(List::stream)
                .filter(name -> !name.startsWith("oci:"));
    }
}
