package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;

/** Where the records of instances outlive the daemon. Every other change is durable when its call returns. */
public interface InstanceStore {
    /** Adds a record before later changes; the future completes when it is durable. */
    CompletableFuture<Void> insert(InstanceRecord record);

    void update(InstanceRecord record);

    /** Notes the process of an instance's VM, and nothing else of it. */
    void noteVm(String id, ProcessIdentity process);

    void delete(String id);
}
