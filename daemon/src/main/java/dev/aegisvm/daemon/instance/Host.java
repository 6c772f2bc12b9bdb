package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.LogStore;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.vmm.Vmm;

/** What instances stand on. */
public record Host(
        Vmm vmm,
        InstanceStore store,
        SecretVault secrets,
        LogStore logs,
        EventLog events,
        Places places,
        Admission admission,
        PublicPorts ports) {}
