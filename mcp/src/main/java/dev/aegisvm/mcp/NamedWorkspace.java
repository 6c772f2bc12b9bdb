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
        Path named = directory(call);
        try (DaemonClient client = call.client();
                Stream<Path> all = Files.isDirectory(named) ? Files.list(named) : Stream.empty()) {
            List<InstanceView> instances = client.call(Routes.LIST);
            return all.map(each -> named.relativize(each).toString())
                    .sorted()
                    .map(name -> new NamedWorkspace(name, users(instances, name)))
                    .toList();
        }
    }

    private static List<String> users(List<InstanceView> instances, String name) {
        return instances.stream()
                .filter(each -> Stream.concat(Stream.ofNullable(each.workspace()), each.volumes().stream())
                        .anyMatch(text -> (text + ":").startsWith(name + ":")))
                .map(InstanceView::name)
                .toList();
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
