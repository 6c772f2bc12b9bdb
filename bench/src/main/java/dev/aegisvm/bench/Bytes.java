package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.testkit.Tool;

/** How fast 256 MiB move: a guest's output to an attached client, files into a guest and out of it, those in a workspace. */
final class Bytes {
    private static final int MAX_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    /** What moves in each measure of a rate. */
    static final long SIZE = (long) PIECE * PIECES;

    /** A piece of the output in a file in memory. */
    private static final String LINES =
            "yes 'a line of output, as long as those of many programs are, about 80 bytes.' | head -c " + PIECE
                    + " >/tmp/piece";
    /** One process that does nothing but copy. */
    private static final ExecRequest COPY = ExecRequest.of(List.of(
            "sh",
            "-c",
            "i=0; while [ $i -lt " + PIECES + " ]; do set -- \"$@\" /tmp/piece; i=$((i+1)); done; exec cat \"$@\""));

    private static final String OWN = "  on the guest's own disk";

    private Bytes() {}

    /** Each in turn with the bare port of another VM. */
    static void move(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                DaemonClient client = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            box.exec("sh", "-c", LINES);
            String title = "256 MiB of stdout to an attached client, in lines";
            turns.rate("throughput", title, () -> output(client, box.id()));
            turns.rate("throughput.port", "  out of the virtio port alone", port::send);
            turns.run(0, MAX_RUNS);
            copies(sandbox, box.id(), turns, port);
        }
    }

    private static void output(DaemonClient client, String id) throws IOException {
        AtomicLong count = new AtomicLong();
        AttachedProcess.Sink counter = bytes -> {
            count.addAndGet(bytes.remaining());
            bytes.position(bytes.limit());
        };
        try (AttachedProcess process = client.stream(Routes.EXEC.with(COPY, id))) {
            int code = process.pump(new AttachedProcess.Sinks(counter, counter, () -> {}, note -> {}))
                    .exitCode();
            if (code != 0 || count.get() != SIZE) {
                throw new IOException(count.get() + " bytes came of " + SIZE + ", and then the exit code " + code);
            }
        }
    }

    private static void copies(Sandbox sandbox, String id, Turns turns, CopierVm port) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        Path back = file.resolveSibling("file.back");
        Tool.run("dd", "if=/dev/urandom", "of=" + file, "bs=" + PIECE, "count=" + PIECES);
        String inside = id + ":/srv/file";
        turns.rate("copy.in", "256 MiB into a guest by `aegis cp`", () -> sandbox.aegis("cp", file.toString(), inside))
                .atLeastTimes(0.5, turns.rate("copy.in.port", "  into the virtio port alone", port::receive));
        turns.rate("copy.out", "256 MiB out of a guest by `aegis cp`", () -> sandbox.aegis("cp", inside, "" + back))
                .atLeastTimes(0.5, turns.rate("copy.out.port", "  out of the virtio port alone", port::send));
        turns.run(1, MAX_RUNS);
        if (Files.mismatch(file, back) >= 0) {
            throw new IOException("what came back is not what was copied");
        }
    }

    /** Files in a workspace against the same on the guest's own disk, in one guest and in turn, by its clock. */
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
