package dev.aegisvm.vmm;

/**
 * How a VM's process ended.
 *
 * @param status the process's exit status: 0..255, or 128+n when signal n ended it
 * @param console the last of what the guest kernel printed (64 KiB at most), oldest first; untrusted text
 * @param diagnostics the last of what the hypervisor printed (4 KiB at most)
 */
public record VmExit(int status, String console, String diagnostics) {}
