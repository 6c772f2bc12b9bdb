package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** The tools that keep an instance as it is, go on from there, and tell what changed. */
final class SnapshotTools {
    private static final int MOST = 200;

    private SnapshotTools() {}

    /** @param left how many changes there are beside these */
    @Json
    record Diff(
            String source,
            List<WorkspaceChange> changes,
            @Nullable Integer left) {}

    static String snapshot(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String name = given.text("snapshot");
        return call.ask(
                switch (given.required("action")) {
                    case "create" ->
                        Routes.CREATE_SNAPSHOT.with(new TakeSnapshot(name, null, null, null), needed(given, "name"));
                    case "rewind" ->
                        Routes.REWIND.with(
                                new RewindRequest(needed(given, "snapshot"), null, null), needed(given, "name"));
                    case "delete" -> Routes.DELETE_SNAPSHOT.to(needed(given, "snapshot"));
                    default -> Routes.LIST_SNAPSHOTS.to();
                });
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
            return PortTools.brief(client.call(Routes.FORK.with(request, call.instance())));
        }
    }

    static String diff(Call call) throws IOException {
        String since = call.arguments().text("since");
        RouteCall<WorkspaceDiff> asked = since == null
                ? Routes.DIFF_WORKSPACE.to(call.instance())
                : Routes.DIFF.to(call.instance()).query("from", since);
        try (DaemonClient client = call.client()) {
            WorkspaceDiff all = client.call(asked);
            int count = all.changes().size();
            List<WorkspaceChange> first = all.changes().subList(0, Math.min(count, MOST));
            return Jsonb.instance().toJson(new Diff(all.source(), first, count > MOST ? count - MOST : null));
        }
    }
}
