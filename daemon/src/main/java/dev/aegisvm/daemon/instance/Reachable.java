package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.idle.Connections;
import java.time.Duration;

/** An instance as clients of its ports find it. */
public interface Reachable {
    /** Where a request to the HTTP router goes: an instance and the port of the host that stands for its server. */
    record Route(Reachable instance, int publicPort) {}

    /** How it is called in messages. */
    String name();

    /** Who is connected to it. */
    Connections connections();

    /**
     * The VM, running: resumed or booted, unless the instance is disabled. However many ask, that happens once.
     *
     * @param cause who asks, for the log
     * @param limit how long to wait until it runs
     * @throws ApiException when it does not run in time; the message says why
     */
    LiveVm awake(String cause, Duration limit);

    /** Whether its VM runs at this moment. */
    boolean runs();

    /** Lets a paused VM go on, sooner or later; does nothing to others. */
    void wake(String cause);

    /** Tells those who read its log. */
    void log(String line);
}
