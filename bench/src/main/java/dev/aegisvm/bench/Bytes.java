package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.client.*;
import dev.aegisvm.testkit.Tool;

/** How fast 256 MiB move: output to an attached client, files copied into and out of a guest, files in a workspace. */
final class Bytes {
    private static final int MAX_RUNS = 5;
    private static final int PIECE = 1 << 20;
    private static final int PIECES = 256;
    private static final long SIZE = CopierVm.SIZE;

    /** A piece of the output in a file in memory. */
    private static final String LINES =
            "yes 'a line of output, as long as those of many programs are, about 80 bytes.' | head -c " + PIECE
                    + " >/tmp/piece";
    /** One process that does nothing but copy. */
    private static final ExecRequest COPY =
            ExecRequest.of(List.of("sh", "-c", "exec cat $(yes /tmp/piece | head -n " + PIECES + ")"));

    private Bytes() {}

    /** Each in turn with the bare port of another VM. */
    static void move(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                DaemonClient client = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            box.exec("sh", "-c", LINES);
            turns.rate("throughput", SIZE, () -> output(client, box.id()));
            turns.rate("throughput.port", SIZE, port::send);
            turns.run(0, MAX_RUNS);
            copies(sandbox, box.id(), turns, port);
        }
    }

    private static void output(DaemonClient client, String id) throws IOException {
        DataOutputStream bytes = new DataOutputStream(OutputStream.nullOutputStream());
        try (AttachedProcess process = client.stream(Routes.EXEC.with(COPY, id))) {
            int code =
                    process.pump(bytes::write, bytes::write, () -> {}, _ -> {}).exitCode();
            if (code != 0 || bytes.size() != SIZE) {
                throw new IOException(bytes.size() + " bytes came of " + SIZE + ", and then the exit code " + code);
            }
        }
    }

    private static void copies(Sandbox sandbox, String id, Turns turns, CopierVm port) throws IOException {
        Path file = sandbox.scratch("copies").resolve("file");
        Path back = file.resolveSibling("file.back");
        Tool.run("dd", "if=/dev/urandom", "of=" + file, "bs=" + PIECE, "count=" + PIECES);
        String inside = id + ":/srv/file";
        turns.rate("copy.in", SIZE, () -> sandbox.aegis("cp", file.toString(), inside));
        turns.rate("copy.in.port", SIZE, port::receive);
        turns.rate("copy.out", SIZE, () -> sandbox.aegis("cp", inside, back.toString()));
        turns.rate("copy.out.port", SIZE, port::send);
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
            Tool.run("python3", "-c", Sandbox.resource("files.py"), "tree", workspace.toString());
            script(box, "tree", "/root");
            turns.step(() -> keep(turns, script(box, "bytes", "/workspace"), "write", "read"));
            turns.step(() -> keep(turns, script(box, "bytes", "/root"), "write.own", "read.own"));
            turns.step(() -> keep(turns, script(box, "status", "/workspace"), "status", "again"));
            turns.step(() -> keep(turns, script(box, "status", "/root"), "status.own", "again.own"));
            turns.run(1, 5);
        }
    }

    /** Runs the script of this measure in a directory of the guest; returns the two numbers that it prints. */
    static String[] script(Instance box, String what, String directory) throws IOException {
        return box.exec("python3", "-c", Sandbox.resource("files.py"), what, directory)
                .strip()
                .split(" ", 2);
    }

    private static void keep(Turns turns, String[] numbers, String... names) {
        for (int i = 0; i < names.length; i++) {
            turns.keep("workspace." + names[i], Double.parseDouble(numbers[i]));
        }
    }
}
