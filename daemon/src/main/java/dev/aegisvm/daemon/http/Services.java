package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.create.*;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.network.Gateways;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.storage.Storage;

/** What the API serves. */
public record Services(
        Instances instances,
        Creation creation,
        Processes processes,
        Snapshots snapshots,
        SnapshotFiles snapshotFiles,
        DiskView.Opening views,
        Workspaces workspaces,
        EventLog events,
        SecretVault secrets,
        ImageStock images,
        Gateways gateways,
        Storage storage,
        Metrics metrics,
        Counters counters,
        ForeignBudget budget,
        Backend backend) {

    /**
     * What the status says of the daemon and of the hypervisor under it.
     *
     * @param name of the hypervisor
     * @param capabilities what it can do, by the contract's words
     * @param version of the daemon
     * @param walls what stands around each VM, and what does not
     */
    public record Backend(
            String name, Map<String, Boolean> capabilities, String version, Supplier<Map<String, String>> walls) {}
}
