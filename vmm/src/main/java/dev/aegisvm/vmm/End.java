package dev.aegisvm.vmm;

/** What ended a VM. Each backend knows what the exit statuses of its process mean. */
public sealed interface End {
    /** The guest turned its machine off. */
    record PoweredOff() implements End {}

    /** The guest started its machine again, which ends a VM too. */
    record Rebooted() implements End {}

    /** A signal ended the VM's process. */
    record BySignal(int number) implements End {}

    /** The VM's process gave up with this exit status. */
    record Failed(int status) implements End {}
}
