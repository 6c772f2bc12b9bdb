package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/** Files in a workspace against the same on the guest's own disk, in one guest and in turn, by its clock. */
final class WorkspaceFiles {
    /** Makes the repository in the workspace on the host: in the guest that would take minutes. */
    private static final String REPOSITORY = """
            set -e
            git init -q "$0" && cd "$0"
            for d in $(seq 100); do
                mkdir "d$d"
                for f in $(seq 100); do echo "$d $f" >"d$d/f$f"; done
            done
            git add .
            git -c user.name=a -c user.email=a@localhost commit -qm all
            """;

    private static final String OWN = "  on the guest's own disk";

    private WorkspaceFiles() {}

    static void files(Sandbox sandbox, Turns turns) throws IOException {
        sandbox.with(Sandbox.IDLE.withWorkspace("bench"), (client, id) -> {
            String repository =
                    sandbox.home().data().resolve("workspaces/bench/repository").toString();
            Tool.run("sh", "-c", REPOSITORY, repository);
            script(sandbox, id, "tree", "/root");
            Metric write = turns.metric("workspace.write", "256 MiB written and synced in a workspace", "MB/s");
            Metric writeOwn = turns.metric("workspace.write.own", OWN, "MB/s");
            Metric read = turns.metric("workspace.read", "256 MiB read in a workspace, caches dropped first", "MB/s");
            Metric readOwn = turns.metric("workspace.read.own", OWN, "MB/s");
            Metric status =
                    turns.metric("workspace.status", "`git status` of 10 000 files in a workspace, caches dropped");
            Metric statusOwn = turns.metric("workspace.status.own", OWN);
            Metric again = turns.metric("workspace.status.again", "  in a workspace, at once again");
            Metric againOwn = turns.metric("workspace.status.again.own", OWN + ", at once again");
            write.atLeastTimes(0.5, writeOwn);
            read.atLeastTimes(0.5, readOwn);
            turns.step(() -> keep(turns, script(sandbox, id, "bytes", "/workspace"), write, read));
            turns.step(() -> keep(turns, script(sandbox, id, "bytes", "/root"), writeOwn, readOwn));
            turns.step(() -> keep(turns, script(sandbox, id, "status", "/workspace"), status, again));
            turns.step(() -> keep(turns, script(sandbox, id, "status", "/root"), statusOwn, againOwn));
            turns.run(1, 5);
            return id;
        });
    }

    private static void keep(Turns turns, List<Double> numbers, Metric first, Metric second) {
        turns.keep(first, numbers.getFirst());
        turns.keep(second, numbers.getLast());
    }

    /** Runs the script of this measure in a directory of the guest; gives the numbers that it prints. */
    private static List<Double> script(Sandbox sandbox, String id, String what, String directory) throws IOException {
        String said = sandbox.aegis("exec", id, "--", "python3", "-c", Programs.resource("files.py"), what, directory)
                .output();
        return Stream.of(said.strip().split(" ", -1))
                .filter(word -> !word.isEmpty())
                .map(Double::valueOf)
                .toList();
    }
}
