package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;

/** What clients of an exposed port wait for. One at a time, by the state of the instance, is a part of {@link Soak}. */
final class Ports {
    private Ports() {}

    /** More and more clients at once. */
    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        try (LoadTarget target = LoadTarget.start(sandbox, LoadTarget.create(sandbox, LoadTarget.HTTP))) {
            long daemon = sandbox.daemon();
            for (int clients : List.of(1, 10, 100, 1000)) {
                turns.keep("wake.memory.before." + clients, ProcFile.residentMb(daemon));
                ProcFile.forgetHighest(daemon);
                storm(target, turns, clients);
                turns.keep("wake.memory." + clients, ProcFile.highestMb(daemon));
            }
        }
    }

    /** They have to cause one boot; and the same of an instance that runs. */
    private static void storm(LoadTarget target, Turns turns, int clients) throws IOException {
        AtomicLong before = new AtomicLong();
        Turns.Task storm = () -> Turns.atOnce(clients, target::get);
        turns.step(() -> {
            target.instance().call(Routes.STOP);
            before.set(boots(target));
        });
        turns.time("wake.storm." + clients, storm);
        turns.step(() -> {
            long boots = boots(target) - before.get();
            if (boots != 1) {
                throw new IOException(clients + " clients at once caused " + boots + " boots, not one");
            }
        });
        turns.time("wake.storm.running." + clients, storm);
        turns.run(1, 5);
    }

    private static long boots(LoadTarget target) throws IOException {
        return target.instance().call(Routes.STATS).wakes().stopped().count();
    }

    /** A byte over an open connection and back, in turn with a virtio port that has a VM of its own. */
    static void echo(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                LoadTarget target =
                        LoadTarget.start(sandbox, LoadTarget.create(sandbox, LoadTarget.HTTP, LoadTarget.ECHO));
                Socket socket = target.connect(LoadTarget.ECHO)) {
            turns.time("relay.echo", () -> LoadTarget.echo(socket));
            turns.time("relay.echo.port", port::echo);
            turns.run(20);
        }
    }
}
