package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.InstanceFiles;

/** {@code aegis diff}: what a guest made of its copy of a workspace. */
public final class DiffCommand {
    private static final String WORKSPACE = "--workspace";
    private static final String PATCH = "--patch";

    private DiffCommand() {}

    public static Verb verb() {
        Usage usage = Usage.of("show what an instance changed")
                .with(WORKSPACE, "in the workspace that was copied into it (--workspace DIR:copy)")
                .with(PATCH + " -p", "as a patch for git apply")
                .operand(Value.INSTANCE);
        return new Verb(usage, DiffCommand::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        if (!arguments.has(WORKSPACE)) {
            throw arguments.wrong(WORKSPACE + " is missing: write aegis diff " + arguments.operand() + " " + WORKSPACE);
        }
        try (DaemonClient daemon = session.daemon()) {
            WorkspaceDiff diff = daemon.call(Routes.DIFF_WORKSPACE, arguments.operand());
            if (arguments.has(PATCH)) {
                patch(diff, new InstanceFiles(daemon, arguments.operand(), null), session);
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

    /** As {@code A src/new.py  120 bytes  executable}. */
    private static String text(WorkspaceChange change) {
        String letter = change.change().equals(WorkspaceChange.CHANGED)
                ? "M"
                : change.change().substring(0, 1).toUpperCase(Locale.ROOT);
        String target = change.target() == null ? "  " + change.size() + " bytes" : " -> " + change.target();
        String flags = change.flags().isEmpty()
                ? ""
                : "  " + String.join(", ", change.flags()).replace('_', ' ');
        return Printable.of(letter + " " + change.path() + target + flags);
    }

    private static void patch(WorkspaceDiff diff, InstanceFiles files, Session session) throws IOException {
        List<WorkspaceChange> wanted = new ArrayList<>();
        for (WorkspaceChange change : diff.changes()) {
            boolean left = change.flags().contains(WorkspaceChange.HOOK)
                    || change.flags().contains(WorkspaceChange.HOST_CHANGED);
            if (!change.flags().isEmpty()) {
                session.note((left ? "left out: " : "look at: ") + text(change));
            }
            if (!left) {
                wanted.add(change);
            }
        }
        try (WorkspacePatch patch = new WorkspacePatch()) {
            patch.add(diff, wanted, files);
            patch.write(Channels.newOutputStream(session.console().out()));
        }
    }
}
