package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;
import dev.aegisvm.mcp.PortTools.Brief;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** The tools that keep an instance as it is, go on from there, and tell what changed. */
final class SnapshotTools {
    private static final int MOST = 200;

    private SnapshotTools() {}

    /** @param without processes that exec began, and that are not there, each with its command */
    @Json
    record GoesOn(
            @Nullable String status,
            @Nullable String kept,
            @Nullable List<Brief> items,
            @Nullable List<String> without) {}

    static String snapshot(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String name = given.text("snapshot");
        return switch (given.required("action")) {
            case "create" ->
                call.ask(Routes.CREATE_SNAPSHOT.with(new TakeSnapshot(name, null, null, null), needed(given, "name")));
            case "rewind" -> rewind(call, needed(given, "name"), needed(given, "snapshot"));
            case "delete" -> call.ask(Routes.DELETE_SNAPSHOT.to(needed(given, "snapshot")));
            case "workspaces" ->
                Jsonb.instance().type(NamedWorkspace.class).list().toJson(NamedWorkspace.all(call));
            case "delete_workspace" -> NamedWorkspace.delete(call, needed(given, "workspace"));
            default -> list(call, given.text("name"));
        };
    }

    private static String list(Call call, @Nullable String instance) throws IOException {
        try (DaemonClient client = call.client()) {
            return Jsonb.instance()
                    .type(SnapshotView.class)
                    .list()
                    .toJson(client.call(Routes.LIST_SNAPSHOTS).stream()
                            .filter(each -> instance == null || each.instance().equals(instance))
                            .toList());
        }
    }

    private static String rewind(Call call, String name, String snapshot) throws IOException {
        try (DaemonClient client = call.client()) {
            List<String> ran = execs(client, name);
            RewindView view = client.call(Routes.REWIND.with(new RewindRequest(snapshot, null, null), name));
            ran.removeAll(execs(client, name));
            return Jsonb.instance().toJson(new GoesOn(view.status(), view.kept(), null, ran.isEmpty() ? null : ran));
        }
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

    static String fork(Call call) throws IOException {
        ToolArguments given = call.arguments();
        ForkRequest request = new ForkRequest(given.number("count"), given.text("prefix"), null, null, null);
        try (DaemonClient client = call.client()) {
            List<String> left = execs(client, call.instance());
            List<Brief> forks = PortTools.brief(client.call(Routes.FORK.with(request, call.instance())));
            return Jsonb.instance().toJson(new GoesOn(null, null, forks, left.isEmpty() ? null : left));
        }
    }

    /** @param outputs keep what is left out of a patch */
    static String diff(Call call, Outputs outputs) throws IOException {
        boolean all = call.arguments().flag("all");
        try (DaemonClient client = call.client()) {
            WorkspaceDiff diff = client.call(Patches.asked(call));
            List<WorkspaceChange> wanted = diff.changes().stream()
                    .filter(each -> all || isWanted(each))
                    .toList();
            int skipped = diff.changes().size() - wanted.size();
            PlainAnswer answer = new PlainAnswer()
                    .fact("since", diff.source())
                    .fact("skipped", skipped > 0 ? skipped + " below .git and caches; all shows them" : null);
            if (call.arguments().flag("patch")) {
                return Patches.patch(call, client, new WorkspaceDiff(diff.source(), wanted), outputs, answer);
            }
            return answer.fact("not_shown", wanted.size() > MOST ? wanted.size() - MOST + " more changes" : null)
                    .with(wanted.stream().limit(MOST).map(Patches::line).collect(Collectors.joining()));
        }
    }

    /** What git would run is always shown. */
    private static boolean isWanted(WorkspaceChange change) {
        return change.flags().contains(WorkspaceChange.HOOK) || !FileLists.isSkipped(change.path());
    }
}
