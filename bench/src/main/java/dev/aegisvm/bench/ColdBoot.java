package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A start from the template against a boot of the same kernel and harness by plain QEMU, taking turns. */
final class ColdBoot implements Measure {
    /** Each takes several seconds under emulation. */
    private static final int MOST_BOOTS = 10;

    private static final int STARTS_PER_BOOT = 3;
    private static final int PART = 15;

    private final AcceleratorFile accelerator;

    /** A measure with what the daemon uses, too. */
    ColdBoot(AcceleratorFile accelerator) {
        this.accelerator = accelerator;
    }

    @Override
    public String title() {
        return "cold boot by plain QEMU";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        PlainQemu qemu = new PlainQemu(Guest.in(sandbox.cache()), accelerator, sandbox.scratch("qemu"));
        List<Double> hellos = new ArrayList<>();
        List<Double> started = new ArrayList<>();
        List<Double> fromTemplate = new ArrayList<>();
        qemu.boot();
        try (DaemonClient client = sandbox.client()) {
            for (int i = 0; i < Math.min(runs, MOST_BOOTS); i++) {
                PlainQemu.Boot boot = qemu.boot();
                hellos.add(boot.hello());
                started.add(boot.started());
                for (int j = 0; j < STARTS_PER_BOOT; j++) {
                    fromTemplate.add(sandbox.startNew(client, "template"));
                }
            }
        }
        Row template = Row.of("cold.template", "  in turn with it: POST → main process started", "ms", fromTemplate);
        Row cold = Row.of("cold", "cold boot by plain QEMU → main process started", "ms", started);
        return List.of(
                cold.judged(Verdict.atMostPart(PART, template.p50(), cold.p50()))
                        .note("few runs, since each takes seconds; without network, identity and the making of a disk"),
                Row.of("cold.hello", "  to the harness's answer to HELLO", "ms", hellos),
                template);
    }
}
