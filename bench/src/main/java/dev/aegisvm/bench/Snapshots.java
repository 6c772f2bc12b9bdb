package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.client.DaemonClient;

/** What it costs to save an instance with its memory, and to go on from that. */
record Snapshots(Turns turns, DaemonClient client, String id) {
    private static final String ONE = "one";
    private static final int MANY = 32;

    static void measure(Sandbox sandbox, Turns turns) throws IOException {
        CreateInstance create = LoadTarget.create(sandbox, LoadTarget.HTTP, LoadTarget.ECHO)
                .withWorkspace(sandbox.scratch("load-target") + ":copy");
        try (Instance target = sandbox.start(create);
                DaemonClient client = sandbox.client()) {
            Snapshots snapshots = new Snapshots(turns, client, target.id());
            try (Socket socket = LoadTarget.connect(target, LoadTarget.ECHO)) {
                turns.step(() -> snapshots.pause(socket));
                turns.run(2, 300);
            }
            snapshots.forks();
        }
    }

    /** How long a client has to wait that sends a byte and waits for it, again and again. */
    private void pause(Socket socket) throws IOException {
        AtomicBoolean done = new AtomicBoolean();
        DoubleAccumulator longest = new DoubleAccumulator(Math::max, 0);
        Turns.atOnce(List.of(
                () -> {
                    turns.keep("snapshot", Turns.millis(this::take));
                    done.set(true);
                },
                () -> {
                    while (!done.get()) {
                        longest.accumulate(Turns.millis(() -> LoadTarget.echo(socket)));
                    }
                }));
        turns.keep("snapshot.pause", longest.get());
        client.call(Routes.DELETE_SNAPSHOT, ONE);
    }

    private void take() throws IOException {
        client.call(Routes.CREATE_SNAPSHOT.with(new TakeSnapshot(ONE, false, null, null), id));
    }

    private void forks() throws IOException {
        turns.time("fork", () -> fork(id, 1));
        turns.step(() -> delete(1));
        turns.step(this::take);
        turns.time("fork.snapshot", () -> fork(ONE, 1));
        turns.step(() -> delete(1));
        turns.time("rewind", () -> {
            client.call(Routes.REWIND.with(new RewindRequest(ONE, true, null), id));
            Commands.exec(client, id);
        });
        turns.step(() -> client.call(Routes.DELETE_SNAPSHOT, ONE));
        turns.run(2, 20);
        turns.time("fork.many", () -> fork(id, MANY));
        turns.step(() -> {
            for (int i = 1; i <= MANY; i++) {
                StatsView stats = client.call(Routes.STATS, "fork-" + i);
                turns.keep("fork.memory", Objects.requireNonNull(stats.memory()).unique() / 1e6);
            }
        });
        turns.step(() -> delete(MANY));
        turns.run(0, 3);
    }

    private void fork(String source, int count) throws IOException {
        client.call(Routes.FORK.with(new ForkRequest(count, "fork", null, null, null), source));
        for (int i = 1; i <= count; i++) {
            Commands.exec(client, "fork-" + i);
        }
    }

    private void delete(int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            client.call(Routes.DELETE, "fork-" + i);
        }
    }
}
