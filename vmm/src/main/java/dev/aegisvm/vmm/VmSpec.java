package dev.aegisvm.vmm;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the daemon asks for when it starts a VM.
 *
 * @param id names the VM in process titles and error texts
 * @param shape memory and virtual CPUs
 * @param root the root file system, an EROFS image as large as the base image; absent: the base image
 * @param disk the instance's own disk (a raw image); made when it does not exist
 * @param diskSizeMb size in MiB of the file system on a disk that is made
 * @param runDirectory an existing directory of this VM alone for its sockets; its path must leave room for a socket name
 * @param share a directory of the host that the guest can mount
 * @param notices is told, in a sentence each, what befalls the VM from outside while it runs
 */
public record VmSpec(
        String id,
        VmShape shape,
        Optional<Path> root,
        Path disk,
        int diskSizeMb,
        Path runDirectory,
        Optional<Share> share,
        Consumer<String> notices) {}
