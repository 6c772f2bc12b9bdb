package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.Tool;

/** What it costs to keep an instance, and to go on from it. */
final class Snapshots {
    private static final String ONE = "one";
    private static final int MANY = 32;
    private static final int KEPT = 60;
    private static final int DISK_MB = 4096;

    private Snapshots() {}

    static void measure(Sandbox sandbox, Turns turns) throws IOException {
        CreateInstance create = LoadTarget.create(sandbox, LoadTarget.HTTP, LoadTarget.ECHO)
                .withWorkspace(sandbox.scratch("load-target") + ":copy");
        try (LoadTarget target = LoadTarget.start(sandbox, create);
                DaemonClient client = sandbox.client()) {
            pause(target, turns, client);
            forks(target.instance().id(), turns, client);
        }
        try (DaemonClient client = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE.withDiskMb(DISK_MB));
                Instance raw = sandbox.start(Sandbox.IDLE.withDiskMb(DISK_MB))) {
            writes(box, raw, turns, client);
            disks(box, turns, client);
        }
    }

    /** How long a client has to wait that sends a byte and waits for it, again and again. */
    private static void pause(LoadTarget target, Turns turns, DaemonClient client) throws IOException {
        String id = target.instance().id();
        Metric pause = turns.metric("snapshot.pause", "a guest stands still for a snapshot with its memory");
        pause.atMost(250);
        Metric whole = turns.metric("snapshot", "  POST …/snapshots → it is on the host's disk");
        try (Socket socket = target.connect(LoadTarget.ECHO)) {
            turns.step(() -> {
                AtomicBoolean done = new AtomicBoolean();
                FutureTask<Double> waiting = new FutureTask<>(() -> longestWait(socket, done));
                Thread.ofVirtual().start(waiting);
                double took = Turns.millis(() -> take(client, id, ONE, false));
                done.set(true);
                turns.keep(pause, Turns.result(waiting));
                turns.keep(whole, took);
                client.call(Routes.DELETE_SNAPSHOT, ONE);
            });
            turns.run(2, 300);
        }
    }

    private static double longestWait(Socket socket, AtomicBoolean done) throws IOException {
        double longest = 0;
        while (!done.get()) {
            longest = Math.max(longest, Turns.millis(() -> LoadTarget.echo(socket)));
        }
        return longest;
    }

    private static void take(DaemonClient client, String id, String name, boolean diskOnly) throws IOException {
        client.call(Routes.CREATE_SNAPSHOT.with(new TakeSnapshot(name, diskOnly, null, null), id));
    }

    private static void forks(String id, Turns turns, DaemonClient client) throws IOException {
        turns.time("fork", "fork of a running instance → its guest has answered an exec", () -> fork(client, id, 1))
                .atMost(700);
        turns.step(() -> delete(client, 1));
        turns.step(() -> take(client, id, ONE, false));
        turns.time("fork.snapshot", "  of a snapshot, so each further one", () -> fork(client, ONE, 1))
                .atMost(120);
        turns.step(() -> delete(client, 1));
        RewindRequest back = new RewindRequest(ONE, true, null);
        turns.time("rewind", "rewind, its present state discarded → its guest has answered an exec", () -> {
                    client.call(Routes.REWIND.with(back, id));
                    Execs.ndjson(client, id);
                })
                .atMost(500);
        turns.step(() -> client.call(Routes.DELETE_SNAPSHOT, ONE));
        turns.run(2, 20);
        Metric memory = turns.metric("fork.memory", "  unique memory of each of them", "MB");
        turns.time(
                        "fork.many",
                        MANY + " forks of a running instance → all have answered an exec",
                        () -> fork(client, id, MANY))
                .atMost(5000);
        turns.step(() -> {
            for (int i = 1; i <= MANY; i++) {
                var used = Objects.requireNonNull(
                        client.call(Routes.STATS, name(i)).memory());
                turns.keep(memory, used.unique() / 1e6);
            }
        });
        turns.step(() -> delete(client, MANY));
        memory.atMost(25);
        turns.run(0, 3);
    }

    private static String name(int number) {
        return "fork-" + number;
    }

    private static void fork(DaemonClient client, String source, int count) throws IOException {
        client.call(Routes.FORK.with(new ForkRequest(count, "fork", null, null, null), source));
        for (int i = 1; i <= count; i++) {
            Execs.ndjson(client, name(i));
        }
    }

    private static void delete(DaemonClient client, int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            client.call(Routes.DELETE, name(i));
        }
    }

    /** Into an overlay, in turn with a disk that was never kept. */
    private static void writes(Instance box, Instance raw, Turns turns, DaemonClient client) throws IOException {
        Metric own = turns.each("snapshot.write", "256 MiB written and synced after a snapshot", "MB/s", () -> {
            take(client, box.id(), ONE, true);
            double written = written(box);
            client.call(Routes.DELETE_SNAPSHOT, ONE);
            return written;
        });
        own.atLeastTimes(
                0.85, turns.each("snapshot.write.raw", "  to a disk that was never kept", "MB/s", () -> written(raw)));
        turns.run(1, 5);
    }

    private static double written(Instance box) throws IOException {
        return Double.parseDouble(Bytes.script(box, "bytes", "/root").split(" ", 2)[0]);
    }

    /** Of an instance with 1 GB on its disk. */
    private static void disks(Instance box, Turns turns, DaemonClient client) throws IOException {
        box.exec("sh", "-c", "head -c 1000000000 /dev/urandom >/root/big && sync");
        ForkRequest boots = new ForkRequest(1, "fork", true, null, null);
        Metric start = turns.time(
                "snapshot.disk", "snapshot of the disk alone, 1 GB used, and a start from it → exec answered", () -> {
                    take(client, box.id(), ONE, true);
                    client.call(Routes.FORK.with(boots, ONE));
                    Execs.ndjson(client, name(1));
                });
        turns.step(() -> delete(client, 1));
        turns.step(() -> client.call(Routes.DELETE_SNAPSHOT, ONE));
        start.atMostMore(
                300, turns.time("snapshot.disk.restart", "  in turn with it: stop and start → exec answered", () -> {
                    box.call(Routes.STOP);
                    box.call(Routes.START);
                    Execs.ndjson(client, box.id());
                }));
        turns.run(1, 10);
        take(client, box.id(), "kept-0", true);
        double first = spaceMb(box.sandbox());
        for (int i = 1; i < KEPT; i++) {
            box.exec("sh", "-c", "echo " + i + " >/root/little && sync");
            take(client, box.id(), "kept-" + i, true);
        }
        double all = spaceMb(box.sandbox());
        turns.value(
                        "snapshot.space",
                        KEPT + " snapshots of that disk, little changing, against the first",
                        "×",
                        all / first)
                .atMost(2);
        turns.value("snapshot.space.each", "  for each further one", "MB", (all - first) / (KEPT - 1));
    }

    /** What all snapshots take on the disk, each file once. */
    private static double spaceMb(Sandbox sandbox) throws IOException {
        Path snapshots = sandbox.home().data().resolve("snapshots");
        String told = Tool.run("du", "--summarize", "--block-size=1", snapshots.toString());
        return Double.parseDouble(told.substring(0, told.indexOf('\t'))) / 1e6;
    }
}
