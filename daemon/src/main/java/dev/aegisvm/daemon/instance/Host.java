package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.idle.IdleSettings;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.LogStore;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.vmm.Vmm;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What instances stand on.
 *
 * @param timers runs what is short; after its shutdown it takes nothing more, and does not complain
 */
public record Host(
        Vmm vmm,
        InstanceStore store,
        SecretVault secrets,
        LogStore logs,
        EventLog events,
        Places places,
        Workspaces workspaces,
        Admission admission,
        PublicPorts ports,
        ImageStock images,
        IdleSettings idle,
        ScheduledExecutorService timers) {}
