package dev.aegisvm.daemon.boot;

import dev.aegisvm.daemon.exec.Attachments;
import dev.aegisvm.daemon.instance.InstanceEvent;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.instance.Journal;
import dev.aegisvm.daemon.instance.VmWork;
import dev.aegisvm.daemon.secrets.SecretVault;
import java.util.function.Consumer;

/** What the boots of all instances share. */
public record Boots(Vms vms, Journal journal, SecretVault secrets, Admission admission, Attachments attachments)
        implements VmWork.Factory {
    @Override
    public VmWork of(InstanceSpec spec, long requested, Consumer<InstanceEvent> report) {
        return new BackgroundWork(this, spec, requested, report);
    }
}
