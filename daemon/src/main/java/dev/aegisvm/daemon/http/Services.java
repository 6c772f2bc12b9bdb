package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.daemon.create.*;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
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
        SecretVault secrets,
        ImageStock images,
        Gateways gateways,
        Storage storage,
        Metrics metrics,
        Journal journal,
        Backend backend) {
    /** The hypervisor: what it can do, by the contract's words, and which walls stand around each VM. */
    public record Backend(String name, Map<String, Boolean> capabilities, Supplier<Map<String, String>> walls) {}
}
