package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Route;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.client.WorkspacePatch;
import org.jspecify.annotations.Nullable;

/** {@code aegis diff}: what a guest made of its image, or of its copy of a workspace. */
public final class DiffCommand {
    private static final String WORKSPACE = "--workspace";
    private static final String PATCH = "--patch";
    /** What a guest has can fill the disk that a patch is made on. */
    private static final long MOST_BYTES = 512L << 20;

    private DiffCommand() {}

    public static Verb verb() {
        Usage usage = Usage.of("show what an instance changed")
                .with(WORKSPACE, "in the workspace that was copied into it (--workspace DIR:copy)")
                .with(PATCH + " -p", "as a patch for git apply")
                .operand(Value.of("<name|snapshot>", Value.Kind.INSTANCE))
                .optionalOperand(Value.of("[snapshot|snapshot..snapshot]"));
        return new Verb(usage, DiffCommand::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        String name = arguments.operands().getFirst();
        boolean workspace = arguments.has(WORKSPACE);
        if (workspace && arguments.operands().size() > 1) {
            throw arguments.wrong(WORKSPACE + " is compared with what was copied, and with no snapshot");
        }
        boolean patch = arguments.has(PATCH);
        try (DaemonClient daemon = session.daemon()) {
            WorkspaceDiff diff;
            try (StatusLine _ = StatusLine.waiting(session.console(), "comparing")) {
                diff = workspace
                        ? daemon.call(Routes.DIFF_WORKSPACE, name)
                        : daemon.call(disk(name, arguments.operands()).flag("texts", patch));
            }
            if (patch) {
                patch(diff, workspace ? new InstanceFiles(daemon, name, null) : null, session);
            } else if (arguments.has("--json")) {
                session.console().line(ApiJson.text(diff));
            } else {
                for (WorkspaceChange change : diff.changes()) {
                    session.console().line(text(change));
                }
            }
            return 0;
        }
    }

    /** Against the image, since a snapshot, or between two. */
    private static Route.RouteCall<WorkspaceDiff> disk(String name, List<String> operands) {
        Route.RouteCall<WorkspaceDiff> call = Routes.DIFF.to(name);
        if (operands.size() == 1) {
            return call;
        }
        String[] snapshots = operands.get(1).split("\\.\\.", 2);
        return call.query("from", snapshots[0]).query("to", snapshots.length > 1 ? snapshots[1] : null);
    }

    /** As {@code A src/new.py  120 bytes  executable}. */
    private static String text(WorkspaceChange change) {
        String letter = change.change().equals(WorkspaceChange.CHANGED)
                ? "M"
                : change.change().substring(0, 1).toUpperCase(Locale.ROOT);
        String size = change.flags().contains(WorkspaceChange.DIRECTORY) ? "" : "  " + change.size() + " bytes";
        String target = change.target() == null ? size : " -> " + change.target();
        String flags = change.flags().isEmpty()
                ? ""
                : "  " + String.join(", ", change.flags()).replace('_', ' ');
        return Printable.of(letter + " " + change.path() + target + flags);
    }

    /** @param files of the instance; null where the daemon has sent the texts */
    private static void patch(WorkspaceDiff diff, @Nullable InstanceFiles files, Session session) throws IOException {
        try (WorkspacePatch patch = new WorkspacePatch()) {
            Set<WorkspaceChange> left = patch.add(diff, files, MOST_BYTES);
            for (WorkspaceChange change : diff.changes()) {
                if (left.contains(change) || !change.flags().isEmpty()) {
                    session.note((left.contains(change) ? "left out: " : "look at: ") + text(change));
                }
            }
            patch.write(Channels.newOutputStream(session.console().out()), true);
        }
    }
}
