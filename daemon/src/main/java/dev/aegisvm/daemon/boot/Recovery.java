package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;
import java.lang.System.Logger.Level;

/**
 * What a daemon does before anything else: an earlier one that was killed may have left VMs, and instances that were
 * only meant to live as long as it did.
 */
public record Recovery(Journal journal) {
    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());
    private static final Duration DEATH = Duration.ofSeconds(5);
    private static final String KILLED = "the daemon was killed";

    /** Ends what still runs, removes what does not outlive a daemon, and returns the rest, all stopped. */
    public List<InstanceRecord> run() throws StoreException {
        List<InstanceRecord> records = journal.store().all();
        records.forEach(record -> record.vm().ifPresent(process -> process.kill(Posix.SIGKILL)));
        List<InstanceRecord> kept = new ArrayList<>();
        for (InstanceRecord record : records) {
            record.vm().ifPresent(process -> awaitDeath(record, process));
            if (Transitions.endsWithDaemon(record.spec().life())) {
                // Its files have no record then, and are collected with all others that have none.
                journal.store().delete(record.id());
                tell(record, "deleted");
            } else {
                kept.add(stopped(record));
            }
        }
        return kept;
    }

    private InstanceRecord stopped(InstanceRecord record) throws StoreException {
        if (record.stopReason().isPresent()) {
            return record;
        }
        InstanceRecord stopped = record.stopped(Instant.now().truncatedTo(ChronoUnit.MILLIS), KILLED);
        journal.store().update(stopped);
        tell(record, record.enabled() ? "stopped" : "disabled");
        return stopped;
    }

    private void tell(InstanceRecord record, String state) {
        journal.changed(record, "unknown", state, KILLED);
    }

    private static void awaitDeath(InstanceRecord record, ProcessIdentity process) {
        if (!process.awaitEnd(DEATH)) {
            LOG.log(Level.ERROR, "instance=" + record.id() + " its VM process " + process.pid() + " cannot be killed");
        }
    }
}
