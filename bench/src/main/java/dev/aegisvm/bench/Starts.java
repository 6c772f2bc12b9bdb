package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.client.DaemonClient;

/** How long an instance takes from the request to its started main process, by the daemon's clock. */
final class Starts {
    private Starts() {}

    /** A new one from the template, with the stages of its boot; by a client's clock, too. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            Metric start = turns.metric("start", "POST /v1/instances → main process started");
            start.atMost(100);
            PlainQemu plain = PlainQemu.saved(sandbox, Programs.MEMORY_MB);
            String answered = "  by a client's clock, until `POST /v1/instances?wait=true` is answered";
            turns.step(() -> {
                long begin = System.nanoTime();
                String id = sandbox.start(client, Sandbox.ECHO);
                double seen = Turns.since(begin);
                BootView boot = sandbox.boot(client, id);
                client.call(Routes.DELETE, id);
                turns.keep(start, Sandbox.millis(boot, "template"));
                boot.stages().forEach((stage, took) -> {
                    turns.keep(turns.metric("start." + stage, "  " + stage), took);
                });
                turns.keep(turns.metric("start.answered", answered), seen);
            });
            turns.each("start.qemu", "  QEMU without us, restored, to the end of its guest", plain::restoreMillis);
            turns.run(5);
            for (int size : Memory.SIZES) {
                ofSize(sandbox, turns, size);
            }
        }
    }

    private static void ofSize(Sandbox sandbox, Turns turns, int memoryMb) throws IOException {
        CreateInstance create = Sandbox.ECHO.withMemoryMb(memoryMb);
        sandbox.awaitTemplate(create);
        PlainQemu plain = PlainQemu.saved(sandbox, memoryMb);
        String name = "start." + memoryMb;
        turns.each(name, "of a VM of " + memoryMb + " MB", () -> sandbox.startNew(create, "template"))
                .at(Plot.START_SIZE, "start from a template", memoryMb);
        turns.each(name + ".qemu", "  QEMU without us, restored, to the end of its guest", plain::restoreMillis)
                .at(Plot.START_SIZE, "QEMU, restored", memoryMb);
        turns.run(2, 30);
    }

    /** A start from the template against a boot of the same kernel and harness by a daemon that cannot save a machine. */
    static void cold(Sandbox sandbox, Turns turns) throws IOException {
        try (Sandbox bare = sandbox.withQemu("""
                        case "$*" in *share=on*) exit 1 ;; esac
                        exec /usr/bin/qemu-system-x86_64 "$@"
                        """)) {
            Metric cold = turns.metric("cold", "cold boot, without a template → main process started");
            Metric template = turns.metric("cold.template", "  in turn with it: POST → main process started");
            cold.atMost(3000).note("few runs, since each takes seconds");
            PlainQemu plain = PlainQemu.saved(sandbox, Programs.MEMORY_MB);
            turns.step(() -> {
                turns.keep(cold, bare.startNew(Sandbox.ECHO, "cold"));
                for (int i = 0; i < 3; i++) {
                    turns.keep(template, sandbox.startNew(Sandbox.ECHO, "template"));
                }
            });
            turns.each("cold.qemu", "  QEMU without us, the same kernel, to the end of its guest", plain::bootMillis);
            // Each takes several seconds under emulation.
            turns.run(1, 10);
        }
    }
}
