package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.EventView;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.metrics.Counters;
import java.time.Instant;

/** All that is recorded of instances: records, logs, changes of state, counters, reserved memory. */
public record Journal(InstanceStore store, LogStore logs, EventLog events, Counters counters, ForeignBudget budget) {
    public InstanceLog log(String id) {
        return logs.of(id);
    }

    public void changed(InstanceRecord record, String from, String to, String because) {
        String handle = record.spec().handle().orElse(null);
        Integer exitCode = record.exitCode().orElse(null);
        EventView event = new EventView(Instant.now(), record.id(), handle, from, to, because, exitCode, null);
        events.add(event, record.spec().labels());
    }
}
