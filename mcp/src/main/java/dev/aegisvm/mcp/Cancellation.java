package dev.aegisvm.mcp;

import java.util.ArrayList;
import java.util.List;

/** Whether the client still wants the answer to a request, and what ends when it does not. */
final class Cancellation {
    /** Under which a request's context has its own. */
    static final String KEY = "cancellation";

    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /** Does something when the client takes the request back; at once if it has. */
    void onCancel(Runnable action) {
        synchronized (actions) {
            if (!cancelled) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    /** The client wants no answer any more. */
    void cancel() {
        List<Runnable> due;
        synchronized (actions) {
            cancelled = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    boolean isCancelled() {
        synchronized (actions) {
            return cancelled;
        }
    }
}
