package dev.aegisvm.mcp.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.mcp.instance.InstanceTools.Brief;
import dev.aegisvm.mcp.process.Contexts;
import dev.aegisvm.mcp.tool.McpTool.Call;
import dev.aegisvm.mcp.tool.ToolArguments;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** The tools that keep an instance as it is, or a workspace under its name, and go on from there. */
public final class SnapshotTools {
    private SnapshotTools() {}

    /** @param without processes that exec began, and that are not there, each with its command */
    @Json
    record GoesOn(
            @Nullable String status,
            @Nullable String kept,
            @Nullable List<Brief> items,
            @Nullable List<String> without) {}

    public static String snapshot(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String name = given.text("snapshot");
        return switch (given.required("action")) {
            case "create" ->
                call.ask(Routes.CREATE_SNAPSHOT.with(new TakeSnapshot(name, null, null, null), needed(given, "name")));
            case "rewind" -> rewind(call, needed(given, "name"), needed(given, "snapshot"));
            case "delete" -> call.ask(Routes.DELETE_SNAPSHOT.to(needed(given, "snapshot")));
            case "workspaces" ->
                Jsonb.instance().type(NamedWorkspace.class).list().toJson(workspaces(call));
            case "delete_workspace" -> deleteWorkspace(call, needed(given, "workspace"));
            default -> list(call, given.text("name"));
        };
    }

    private static String list(Call call, @Nullable String instance) throws IOException {
        List<SnapshotView> all = call.client().call(Routes.LIST_SNAPSHOTS.to()).stream()
                .filter(each -> instance == null || each.instance().equals(instance))
                .toList();
        return Jsonb.instance().type(SnapshotView.class).list().toJson(all);
    }

    private static String rewind(Call call, String name, String snapshot) throws IOException {
        DaemonClient client = call.client();
        List<String> ran = execs(client, name);
        RewindView view = client.call(Routes.REWIND.with(new RewindRequest(snapshot, null, null), name));
        ran.removeAll(execs(client, name));
        return Jsonb.instance().toJson(new GoesOn(view.status(), view.kept(), null, ran.isEmpty() ? null : ran));
    }

    /** What exec runs in an instance, but for contexts, which go on in copies of it; nothing where it is a snapshot. */
    private static List<String> execs(DaemonClient client, String name) throws IOException {
        try {
            return client.call(Routes.EXECS, name).stream()
                    .filter(exec -> !Contexts.isContext(exec))
                    .map(exec -> exec.execId() + ": " + Contexts.told(exec))
                    .collect(Collectors.toCollection(ArrayList::new));
        } catch (ApiException noInstance) {
            return new ArrayList<>();
        }
    }

    private static String needed(ToolArguments given, String name) {
        String text = given.text(name);
        if (text == null) {
            throw ToolArguments.wrong(name, "is missing, which this action needs");
        }
        return text;
    }

    public static String fork(Call call) throws IOException {
        ToolArguments given = call.arguments();
        ForkRequest request = new ForkRequest(given.number("count"), given.text("prefix"), null, null, null);
        List<String> left = execs(call.client(), call.instance());
        List<Brief> forks = InstanceTools.brief(call.client().call(Routes.FORK.with(request, call.instance())));
        return Jsonb.instance().toJson(new GoesOn(null, null, forks, left.isEmpty() ? null : left));
    }

    /**
     * A workspace that AegisVM keeps under a name; it outlives the instances that have it.
     *
     * @param usedBy instances, running or not
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record NamedWorkspace(String name, List<String> usedBy) {}

    private static List<NamedWorkspace> workspaces(Call call) throws IOException {
        Path named = call.launcher().home().workspaces();
        List<InstanceView> instances = call.client().call(Routes.LIST.to());
        List<Path> all = Files.isDirectory(named) ? PrivateDirectory.list(named) : List.of();
        return all.stream()
                .map(each -> named.relativize(each).toString())
                .map(name -> new NamedWorkspace(name, users(instances, name)))
                .toList();
    }

    private static List<String> users(List<InstanceView> instances, String name) {
        return instances.stream()
                .filter(each -> Stream.concat(Stream.ofNullable(each.workspace()), each.volumes().stream())
                        .anyMatch(text -> (text + ":").startsWith(name + ":")))
                .map(InstanceView::name)
                .toList();
    }

    private static String deleteWorkspace(Call call, String name) throws IOException {
        NamedWorkspace there = workspaces(call).stream()
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
        PrivateDirectory.remove(call.launcher().home().workspaces().resolve(name));
        return ApiJson.text(new Actions.ActionView("deleted"));
    }
}
