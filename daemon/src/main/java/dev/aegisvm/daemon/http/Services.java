package dev.aegisvm.daemon.http;

import dev.aegisvm.daemon.create.Creation;
import dev.aegisvm.daemon.create.Runs;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.secrets.SecretVault;

/** What the API serves. */
public record Services(
        Instances instances,
        Creation creation,
        Runs runs,
        Processes processes,
        EventLog events,
        SecretVault secrets,
        ImageStock images,
        Backend backend) {}
