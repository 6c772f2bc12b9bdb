package dev.aegisvm.daemon.logs;

import module java.base;

/** The logs of all instances, one open log each. */
public final class LogStore implements AutoCloseable {
    private final Function<String, Path> file;
    private final Retention retention;
    private final BiFunction<String, String, byte[]> notice;
    private final Map<String, InstanceLog> open = new ConcurrentHashMap<>();

    /** @param directory an existing directory for the files of all logs */
    public LogStore(Path directory, Retention retention) {
        this(id -> directory.resolve(id + ".ndjson"), retention, InstanceLog::system);
    }

    /** Logs in files elsewhere, whose notices are other JSON, made of an instance's id and a sentence. */
    public LogStore(Function<String, Path> file, Retention retention, BiFunction<String, String, byte[]> notice) {
        this.file = file;
        this.retention = retention;
        this.notice = notice;
    }

    /** The log of an instance; nothing is read or made before it is used. */
    public InstanceLog of(String instanceId) {
        return open.computeIfAbsent(instanceId, id -> new InstanceLog(id, file.apply(id), retention, notice));
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
