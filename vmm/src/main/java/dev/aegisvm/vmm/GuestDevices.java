package dev.aegisvm.vmm;

/**
 * What the guest of a backend finds its devices by.
 *
 * @param root the block device of the root file system
 * @param disk that of the instance's own disk
 * @param shares what all shared directories are mounted by
 */
public record GuestDevices(String root, String disk, String shares) {}
