package dev.aegisvm.daemon.network;

import module java.base;
import java.lang.System.Logger.Level;

/** The network logs of all instances, one open log each. */
public final class NetworkLogs implements Closeable {
    private static final System.Logger LOG = System.getLogger(NetworkLogs.class.getName());
    private static final String FILE = "network.ndjson";

    private final Function<String, Path> directory;
    private final Map<String, NetworkLog> open = new ConcurrentHashMap<>();

    /** @param directory of an instance, by its id; it goes with the instance, and the log with it */
    NetworkLogs(Function<String, Path> directory) {
        this.directory = directory;
    }

    /** The log of an instance; nothing is read or made before it is used. */
    public NetworkLog of(String instanceId) {
        return open.computeIfAbsent(
                instanceId, id -> new NetworkLog(directory.apply(id).resolve(FILE)));
    }

    /** The instance is about to be removed. */
    public void forget(String instanceId) {
        NetworkLog log = open.remove(instanceId);
        if (log != null) {
            close(log);
        }
    }

    @Override
    public void close() {
        open.values().forEach(NetworkLogs::close);
    }

    private static void close(NetworkLog log) {
        try {
            log.close();
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "a network log cannot be closed: " + obstacle);
        }
    }
}
