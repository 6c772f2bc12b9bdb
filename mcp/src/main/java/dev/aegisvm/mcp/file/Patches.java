package dev.aegisvm.mcp.file;

import module java.base;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.WorkspaceViews.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;

/** {@code diff}: what changed, as a list or as a unified diff. */
public final class Patches {
    private static final long MOST_BYTES = 64L << 20;
    /** Files that are named beside a patch, and not shown. */
    private static final int MOST_BESIDE = 100;

    private static final int MOST = 200;
    /** In which a patch is looked through, in bytes. */
    private static final int PIECE = 1 << 16;

    private static final Set<StandardOpenOption> OF_A_PATCH =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);

    private static final String NO_BASE =
            "the patch is incomplete: host_changed means that the file on the host has another time or size than when it was"
                    + " copied; fetch these files with copy_out, or use git diff in the guest";

    private static final String NO_TEXT = ", not text or too long";

    private Patches() {}

    public static String diff(Call call) throws IOException {
        boolean all = call.arguments().flag("all");
        WorkspaceDiff diff = call.client().call(asked(call));
        List<WorkspaceChange> wanted =
                diff.changes().stream().filter(each -> all || isWanted(each)).toList();
        int skipped = diff.changes().size() - wanted.size();
        PlainAnswer answer = new PlainAnswer()
                .fact("since", diff.source())
                .fact("skipped", skipped > 0 ? skipped + " below .git and caches; all shows them" : null);
        if (call.arguments().flag("patch")) {
            return patch(call, new WorkspaceDiff(diff.source(), wanted), answer);
        }
        return answer.fact("not_shown", wanted.size() > MOST ? wanted.size() - MOST + " more changes" : null)
                .with(wanted.stream().limit(MOST).map(Patches::line).collect(Collectors.joining()));
    }

    /** What git would run is always shown. */
    private static boolean isWanted(WorkspaceChange change) {
        return change.flags().contains(WorkspaceChange.HOOK) || !FileLists.isSkipped(change.path());
    }

    private static RouteCall<WorkspaceDiff> asked(Call call) {
        ToolArguments given = call.arguments();
        return isOfWorkspace(given)
                ? Routes.DIFF_WORKSPACE.to(call.instance())
                : Routes.DIFF
                        .to(call.instance())
                        .query("from", given.text("since"))
                        .query("path", given.text("path"))
                        .flag("texts", given.flag("patch"));
    }

    private static boolean isOfWorkspace(ToolArguments given) {
        return !given.has("since") && !given.has("path");
    }

    /** Answers with a part of a patch, or some lines of it, and what is left out. */
    private static String patch(Call call, WorkspaceDiff diff, PlainAnswer answer) throws IOException {
        InstanceFiles files =
                isOfWorkspace(call.arguments()) ? new InstanceFiles(call.client(), call.instance(), null) : null;
        Excerpt wanted = Excerpt.of(call.arguments());
        try (WorkspacePatch patch = new WorkspacePatch();
                FileChannel whole = FileChannel.open(Files.createTempFile("aegis-patch-", ""), OF_A_PATCH)) {
            OutputStream text = Channels.newOutputStream(whole);
            Set<WorkspaceChange> left = patch.add(diff, files, MOST_BYTES);
            List<String> binaries = patch.leaveOutBinaries();
            patch.write(text);
            Stream<String> others = left.stream()
                    .filter(change -> !change.flags().contains(WorkspaceChange.DIRECTORY))
                    .map(change -> line(change).strip() + (isNoText(change) ? NO_TEXT : ""));
            Stream.concat(binaries.stream().map(path -> path + NO_TEXT), others)
                    .limit(MOST_BESIDE)
                    .forEach(told -> answer.fact("left_out", told));
            boolean hostChanged = left.stream().anyMatch(each -> each.flags().contains(WorkspaceChange.HOST_CHANGED));
            answer.fact("note", hostChanged ? NO_BASE : null);
            long offset = call.arguments().large("offset");
            InputStream from = Channels.newInputStream(whole.position(offset));
            if (wanted.picks()) {
                return answer.with(picked(from, wanted));
            }
            byte[] bytes = from.readNBytes(wanted.maxBytes() + Excerpt.BEYOND);
            int end = wanted.fitting(bytes);
            return answer.fact("next_offset", end < bytes.length ? offset + end : null)
                    .with(wanted.readable(new String(bytes, 0, end, StandardCharsets.UTF_8)));
        }
    }

    private static String picked(InputStream text, Excerpt wanted) throws IOException {
        Excerpted lines = new Excerpted(wanted, 0);
        for (byte[] piece = text.readNBytes(PIECE); piece.length > 0; piece = text.readNBytes(PIECE)) {
            lines.write(piece);
        }
        return lines.shown().text();
    }

    /** Whether what was left out before is no text, or too long a one: any flag but this tells of another reason. */
    private static boolean isNoText(WorkspaceChange change) {
        return Set.of(WorkspaceChange.EXECUTABLE).containsAll(change.flags());
    }

    /** A change in one line, without its content. */
    private static String line(WorkspaceChange change) {
        List<String> more = new ArrayList<>(change.flags());
        if (change.modeBefore() != null) {
            more.add("mode " + Integer.toOctalString(change.modeBefore()) + " -> "
                    + Integer.toOctalString(change.mode()));
        }
        if (change.target() != null) {
            more.add("-> " + change.target());
        } else if (!change.change().equals(WorkspaceChange.DELETED) && !more.contains(WorkspaceChange.DIRECTORY)) {
            more.addFirst(change.size() + " bytes");
        }
        String told = more.isEmpty() ? "" : " (" + String.join(", ", more) + ")";
        return PlainAnswer.line(change.change() + " " + change.path() + told) + "\n";
    }
}
