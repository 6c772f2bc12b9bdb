package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.EventView;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.metrics.Counters;
import java.time.Instant;

/** Everything that is written down of instances: their records, their logs, their changes of state, and what is counted. */
public record Journal(InstanceStore store, LogStore logs, EventLog events, Counters counters) {
    public InstanceLog log(String id) {
        return logs.of(id);
    }

    public void changed(InstanceRecord record, String from, String to, String because) {
        String handle = record.spec().handle().orElse(null);
        Integer exitCode = record.exitCode().orElse(null);
        events.add(new EventView(Instant.now(), record.id(), handle, from, to, because, exitCode, null));
    }
}
