package dev.aegisvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code aegis run -- echo hi}: a process of ours, a VM, a process in it, and all gone again. */
final class RunEcho implements Measure {
    private static final int WARM_UP = 5;
    private static final double WISH_MILLIS = 400;

    @Override
    public String title() {
        return "aegis run -- echo hi";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        TimedProcess run = sandbox.aegis("run", "--", "echo", "hi");
        List<Double> whole = new ArrayList<>();
        for (int i = -WARM_UP; i < runs; i++) {
            double millis = run.millisOf("hi\n");
            if (i >= 0) {
                whole.add(millis);
            }
        }
        return List.of(Row.of("run", "`aegis run -- echo hi`, whole process", "ms", whole)
                .atMost(WISH_MILLIS));
    }
}
