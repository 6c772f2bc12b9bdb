package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;

/**
 * A workspace that AegisVM keeps under a name; it outlives the instances that have it.
 *
 * @param usedBy instances, running or not
 */
@Json(naming = Json.Naming.LowerUnderscore)
record NamedWorkspace(String name, List<String> usedBy) {
    private static Path directory(Call call) {
        return call.launcher().home().data().resolve("workspaces");
    }

    static List<NamedWorkspace> all(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            List<InstanceView> instances = client.call(Routes.LIST);
            if (!Files.isDirectory(directory(call))) {
                return List.of();
            }
            try (Stream<Path> named = Files.list(directory(call))) {
                return named.map(each -> String.valueOf(each.getFileName()))
                        .sorted()
                        .map(name -> new NamedWorkspace(
                                name,
                                instances.stream()
                                        .filter(instance -> uses(instance, name))
                                        .map(InstanceView::name)
                                        .toList()))
                        .toList();
            }
        }
    }

    private static boolean uses(InstanceView instance, String name) {
        return Stream.concat(Stream.ofNullable(instance.workspace()), instance.volumes().stream())
                .anyMatch(text -> (text + ":").startsWith(name + ":"));
    }

    static String delete(Call call, String name) throws IOException {
        NamedWorkspace there = all(call).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ErrorCode.NOT_FOUND.refusal(
                        "there is no workspace '" + name + "'",
                        "snapshot with action workspaces shows those that there are"));
        if (!there.usedBy().isEmpty()) {
            throw ErrorCode.WRONG_STATE.refusal(
                    "the workspace '" + name + "' is used by " + String.join(", ", there.usedBy()),
                    "instance_delete these first");
        }
        PrivateDirectory.remove(directory(call).resolve(name));
        return ApiJson.text(new Actions.ActionView("deleted"));
    }
}
