package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.idle.Uses;
import dev.aegisvm.daemon.instance.LiveVm;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.daemon.metrics.Counters;

/** An instance that is awake, or becomes so at once, or never does; nobody talks to its VM. */
final class AwakeInstance implements Reachable {
    private final Connections connections = new Connections(new Uses(), new Counters(), share());
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private volatile boolean runs = true;
    private volatile boolean fails;

    static ForeignBudget.Share share() {
        return ForeignBudget.of(1 << 30, OptionalLong.empty()).share();
    }

    void sleeps() {
        runs = false;
    }

    void failsToWake() {
        fails = true;
    }

    List<String> logged() {
        return logged;
    }

    @Override
    public String name() {
        return "instance 'web'";
    }

    @Override
    public Connections connections() {
        return connections;
    }

    @Override
    @SuppressWarnings("NullAway") // Nothing of it is asked for.
    public LiveVm awake(String cause, Duration limit) {
        if (fails) {
            throw ErrorCode.BOOT_FAILED.refusal("it did not start");
        }
        runs = true;
        return new LiveVm(null, null, null);
    }

    @Override
    public boolean runs() {
        return runs;
    }

    @Override
    public void wake(String cause) {}

    @Override
    public void log(String line) {
        logged.add(line);
    }
}
