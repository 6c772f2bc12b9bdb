package dev.aegisvm.daemon.boot;

import dev.aegisvm.daemon.instance.Journal;
import dev.aegisvm.daemon.secrets.SecretVault;

/** What the boots of all instances share. */
public record Boots(Vms vms, Journal journal, SecretVault secrets, Admission admission) {}
