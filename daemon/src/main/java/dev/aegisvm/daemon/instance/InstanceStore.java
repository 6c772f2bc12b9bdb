package dev.aegisvm.daemon.instance;

import dev.aegisvm.vmm.process.ProcessIdentity;
import java.util.List;

/** Where the records of instances outlive the daemon. Every change is durable when its call returns. */
public interface InstanceStore {
    List<InstanceRecord> all() throws StoreException;

    void insert(InstanceRecord record) throws StoreException;

    void update(InstanceRecord record) throws StoreException;

    /** Notes the process of an instance's VM, and nothing else of it. */
    void noteVm(String id, ProcessIdentity process) throws StoreException;

    void delete(String id) throws StoreException;
}
