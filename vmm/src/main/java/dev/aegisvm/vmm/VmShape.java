package dev.aegisvm.vmm;

/**
 * The size of a VM.
 *
 * @param memoryMb memory in MiB, 128 to 1048576
 * @param vcpus virtual CPUs, 1 to 64
 */
public record VmShape(int memoryMb, int vcpus) {
    public VmShape {
        if (memoryMb < 128 || memoryMb > 1_048_576) {
            throw new IllegalArgumentException("memory must be 128..1048576 MB, not " + memoryMb);
        }
        if (vcpus < 1 || vcpus > 64) {
            throw new IllegalArgumentException("virtual CPUs must be 1..64, not " + vcpus);
        }
    }

    @Override
    public String toString() {
        return memoryMb + " MB, " + vcpus + " vCPU";
    }
}
