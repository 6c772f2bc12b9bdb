package dev.aegisvm.daemon.logs;

import module java.base;

/** The logs of all instances, one open log each. */
public final class LogStore implements AutoCloseable {
    private final Path directory;
    private final Retention retention;
    private final Map<String, InstanceLog> open = new ConcurrentHashMap<>();

    /** @param directory an existing directory for the files of all logs */
    public LogStore(Path directory, Retention retention) {
        this.directory = directory;
        this.retention = retention;
    }

    /** The log of an instance; nothing is read or made before it is used. */
    public InstanceLog of(String instanceId) {
        return open.computeIfAbsent(
                instanceId, id -> new InstanceLog(id, directory.resolve(id + ".ndjson"), retention));
    }

    /** Ends the followers of an instance's log and removes its files. */
    public void delete(String instanceId) throws IOException {
        InstanceLog log = of(instanceId);
        open.remove(instanceId);
        log.delete();
    }

    @Override
    public void close() {
        open.values().forEach(InstanceLog::close);
    }
}
