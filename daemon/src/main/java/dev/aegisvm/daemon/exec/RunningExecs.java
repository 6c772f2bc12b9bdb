package dev.aegisvm.daemon.exec;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecViews.ExecView;
import dev.aegisvm.daemon.guest.GuestProcess;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The execs of all instances that have not ended, by their ids, which are never given twice. */
final class RunningExecs {
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /** An exec that runs. */
    record Entry(String instanceId, ExecRequest request, GuestProcess process, Instant startedAt) {
        private ExecView view() {
            return new ExecView(
                    process.execId(),
                    request.command(),
                    process.pid(),
                    startedAt,
                    request.tty() != null,
                    Boolean.TRUE.equals(request.detach()));
        }
    }

    Entry add(String instanceId, ExecRequest request, GuestProcess process) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Entry entry = new Entry(instanceId, request, process, now);
        entries.put(process.execId(), entry);
        return entry;
    }

    void remove(String execId) {
        entries.remove(execId);
    }

    Optional<GuestProcess> find(String instanceId, String execId) {
        return Optional.ofNullable(entries.get(execId))
                .filter(entry -> entry.instanceId().equals(instanceId))
                .map(Entry::process);
    }

    /** Those of one instance, the oldest first. */
    List<ExecView> of(String instanceId) {
        return entries.values().stream()
                .filter(entry -> entry.instanceId().equals(instanceId))
                .sorted(Comparator.comparing(Entry::startedAt))
                .map(Entry::view)
                .toList();
    }
}
