package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.logs.InstanceLog;

/**
 * The execs of one VM: those that run, and for an hour the latest {@value #MAX_ENDED} that ended, with at most
 * {@value #MAX_ENDED_BYTES} bytes of output together. They go with the VM.
 */
final class Execs {
    static final int MAX_ENDED = 128;
    static final long MAX_ENDED_BYTES = 64 << 20;
    private static final Duration AFTERLIFE = Duration.ofHours(1);

    private final Path directory;
    private final ForeignBudget.Share share;
    /** In the order of their start. */
    private final Map<String, Exec> byId = new LinkedHashMap<>();
    /** In the order of their end. */
    private final Deque<Exec> ended = new ArrayDeque<>();

    private boolean closed;

    /** @param share what they may make the daemon hold */
    Execs(Path directory, ForeignBudget.Share share) {
        this.directory = directory;
        this.share = share;
    }

    synchronized Exec add(ExecRequest request, GuestProcess process, InstanceLog log) {
        KeptOutput output = new KeptOutput(directory.resolve(process.execId()), share);
        Exec exec = new Exec(request, process, log, output, this::ended);
        byId.put(process.execId(), exec);
        if (closed) {
            exec.output().delete();
        }
        return exec;
    }

    private synchronized void ended(Exec exec) {
        ended.add(exec);
        expire();
    }

    private void expire() {
        Instant before = Instant.now().minus(AFTERLIFE);
        while (!ended.isEmpty()
                && (ended.size() > MAX_ENDED
                        || ended.getFirst().endedAt().isBefore(before)
                        || endedBytes() > MAX_ENDED_BYTES)) {
            Exec oldest = ended.removeFirst();
            byId.remove(oldest.process().execId());
            oldest.output().delete();
        }
    }

    private long endedBytes() {
        return ended.stream().mapToLong(exec -> exec.output().keptBytes()).sum();
    }

    synchronized Optional<Exec> find(String execId) {
        expire();
        return Optional.ofNullable(byId.get(execId));
    }

    synchronized List<Exec> all() {
        expire();
        return List.copyOf(byId.values());
    }

    /** The VM has ended: nothing is kept. */
    synchronized void close() {
        closed = true;
        byId.values().forEach(exec -> exec.output().delete());
    }
}
