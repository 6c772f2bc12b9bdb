package dev.aegisvm.vmm;

/**
 * How a VM ended.
 *
 * @param console the last of what the guest kernel printed (64 KiB at most), oldest first; untrusted text
 * @param diagnostics the last of what the hypervisor printed (4 KiB at most)
 */
public record VmExit(End end, String console, String diagnostics) {}
