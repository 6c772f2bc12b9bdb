package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.idle.IdlePolicy;
import dev.aegisvm.daemon.idle.Signals;
import java.util.Optional;

/**
 * What counts beside the state of an instance when an event is decided, as it is at that moment.
 *
 * @param idle its timeouts, what uses it, and what its guest does
 * @param clientWaits a client waits for its guest; asked when a pause has succeeded
 * @param awaitsOwner it is ephemeral, and its client has not attached yet
 * @param shortage the host lacks the memory for a boot; asked when a request may lead to one
 */
record Circumstances(Signals idle, boolean clientWaits, boolean awaitsOwner, Optional<VmWork.Shortage> shortage) {
    /** Whether somebody needs it. */
    boolean inUse() {
        return idle.inUse();
    }

    /** Whether there is no reason left to keep it awake. */
    boolean maySleep() {
        return IdlePolicy.awakeBecause(idle).isEmpty();
    }

    /** Whether its sleep begins with a pause; else it is stopped at once. */
    boolean sleepsPaused() {
        return !idle.times().pause().isNever();
    }
}
