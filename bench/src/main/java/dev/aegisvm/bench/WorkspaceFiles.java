package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/** Files in a workspace against the same on the guest's own disk, in one guest and in turn, by its clock. */
final class WorkspaceFiles {
    private static final String OWN = "  on the guest's own disk";

    private WorkspaceFiles() {}

    static void files(Sandbox sandbox, Turns turns) throws IOException {
        try (Instance box = sandbox.start(Sandbox.IDLE.withWorkspace("bench"))) {
            // The repository in the workspace is made on the host: in the guest that would take minutes.
            Path workspace = sandbox.home().data().resolve("workspaces/bench");
            Tool.run("python3", "-c", Programs.resource("files.py"), "tree", workspace.toString());
            script(box, "tree", "/root");
            Metric write = turns.metric("workspace.write", "256 MiB written and synced in a workspace", "MB/s");
            Metric writeOwn = turns.metric("workspace.write.own", OWN, "MB/s");
            Metric read = turns.metric("workspace.read", "256 MiB read in a workspace, caches dropped first", "MB/s");
            Metric readOwn = turns.metric("workspace.read.own", OWN, "MB/s");
            String dropped = "`git status` of 10 000 files in a workspace, caches dropped";
            Metric status = turns.metric("workspace.status", dropped);
            Metric statusOwn = turns.metric("workspace.status.own", OWN);
            Metric again = turns.metric("workspace.status.again", "  in a workspace, at once again");
            Metric againOwn = turns.metric("workspace.status.again.own", OWN + ", at once again");
            write.atLeastTimes(0.5, writeOwn);
            read.atLeastTimes(0.5, readOwn);
            turns.step(() -> keep(turns, script(box, "bytes", "/workspace"), write, read));
            turns.step(() -> keep(turns, script(box, "bytes", "/root"), writeOwn, readOwn));
            turns.step(() -> keep(turns, script(box, "status", "/workspace"), status, again));
            turns.step(() -> keep(turns, script(box, "status", "/root"), statusOwn, againOwn));
            turns.run(1, 5);
        }
    }

    /** Runs the script of this measure in a directory of the guest; gives what it prints. */
    private static String script(Instance box, String what, String directory) throws IOException {
        return box.exec("python3", "-c", Programs.resource("files.py"), what, directory);
    }

    private static void keep(Turns turns, String numbers, Metric first, Metric second) {
        String[] words = numbers.strip().split(" ", 2);
        turns.keep(first, Double.parseDouble(words[0]));
        turns.keep(second, Double.parseDouble(words[1]));
    }
}
