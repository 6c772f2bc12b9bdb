package dev.aegisvm.daemon.snapshot;

import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import java.util.List;

/** Where the records of snapshots outlive the daemon. Every change is durable when its call returns. */
public interface SnapshotStore {
    /** The oldest first. */
    List<SnapshotRecord> all() throws StoreException;

    void insert(SnapshotRecord snapshot) throws StoreException;

    void delete(String id) throws StoreException;
}
