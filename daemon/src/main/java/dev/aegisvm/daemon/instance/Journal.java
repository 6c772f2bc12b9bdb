package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.logs.LogStore;
import dev.aegisvm.daemon.metrics.Counters;

/** Everything that is written down of instances: their records, their logs, their changes of state, and what is counted. */
public record Journal(InstanceStore store, LogStore logs, EventLog events, Counters counters) {
    public InstanceLog log(String id) {
        return logs.of(id);
    }

    public void changed(InstanceRecord record, String from, String to, String because) {
        events.add(record.id(), record.spec().handle(), from, to, because);
    }
}
