package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;

/** Where the records of instances outlive the daemon. A change is durable when its call returns, or its future succeeds. */
public interface InstanceStore {
    /** Adds a record before later changes. */
    CompletableFuture<?> insert(InstanceRecord record);

    void update(InstanceRecord record);

    /** Notes the process of an instance's VM, and nothing else of it. */
    CompletableFuture<?> noteVm(String id, ProcessIdentity process);

    void delete(String id);
}
