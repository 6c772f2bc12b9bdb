package dev.aegisvm.daemon.instance;

import dev.aegisvm.host.ProcessIdentity;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Where the records of instances outlive the daemon. Every other change is durable when its call returns. */
public interface InstanceStore {
    /** Every record that can be read; one that cannot be is told in the log and left alone. */
    List<InstanceRecord> all() throws StoreException;

    /** The ids of all records, readable or not: what belongs to none of them belongs to nobody. */
    Set<String> ids() throws StoreException;

    /**
     * Adds a record. It is in line before any later change when this returns, and durable when the future completes; fails
     * with a {@link StoreException}.
     */
    CompletableFuture<Void> insert(InstanceRecord record);

    void update(InstanceRecord record) throws StoreException;

    /** Notes the process of an instance's VM, and nothing else of it. */
    void noteVm(String id, ProcessIdentity process) throws StoreException;

    void delete(String id) throws StoreException;
}
