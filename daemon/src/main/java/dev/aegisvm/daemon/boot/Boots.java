package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.create.Workspaces;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.Mounts.Volume;
import dev.aegisvm.daemon.network.Gateways;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmSpec.Share;
import dev.aegisvm.vmm.disk.DiskChain;

/** What the boots of all instances share. */
public record Boots(
        Vmm vmm,
        Places places,
        Workspaces workspaces,
        ImageStock images,
        Journal journal,
        SecretVault secrets,
        Admission admission,
        Gateways gateways) {
    /** Where an instance, by its id, has its files, its disk among them, and the sockets of its VM. */
    public record Places(Function<String, Path> directory, Function<String, Path> sockets) {
        /** Makes both directories, that of the sockets empty. */
        void prepare(String id) throws IOException {
            Files.createDirectories(directory.apply(id));
            forgetVm(id);
            Files.createDirectory(sockets.apply(id));
        }

        /** Removes the sockets; the disk stays. */
        void forgetVm(String id) throws IOException {
            PrivateDirectory.remove(sockets.apply(id));
        }

        /** Removes all files of the instance but its logs. */
        void remove(String id) throws IOException {
            forgetVm(id);
            empty(DiskChain.in(directory.apply(id)).top());
            PrivateDirectory.remove(directory.apply(id));
        }
    }

    /**
     * Its room may be needed at once, and the kernel takes a moment longer to let go of the files of a jail. What
     * snapshots and forks have of the disk too is left alone.
     */
    private static void empty(Path disk) throws IOException {
        try (FileChannel content = FileChannel.open(disk, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.getAttribute(disk, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
                    .equals(1)) {
                content.truncate(0);
            }
        } catch (FileSystemException none) {
            // It is about to be removed, whatever it is.
        }
    }

    /** Starts the VM of an instance; the last two are told what {@link VmSpec} says. */
    Vm startVm(InstanceSpec spec, Optional<Path> resume, Consumer<String> ended, Consumer<String> notices)
            throws IOException, VmmException {
        VmSpec vm = new VmSpec(
                spec.id(),
                new VmShape(spec.size().memoryMb(), spec.size().vcpus()),
                spec.image().map(image -> images.root(image.name(), image.digest())),
                DiskChain.in(places.directory().apply(spec.id())).disk(),
                spec.size().diskMb(),
                places.sockets().apply(spec.id()),
                spec.network().isOpen(),
                shares(spec),
                resume,
                ended,
                notices);
        if (!vmm.capabilities().has(Capability.LAYERED_DISK)) {
            Consumer<String> progress = journal.log(spec.id())::system;
            new DiskChain(vm.disk()).flatten(vmm.capabilities().layers(), vm.diskBytes(), vm.runDirectory(), progress);
        }
        return vmm.start(vm);
    }

    private List<Share> shares(InstanceSpec spec) throws IOException {
        List<Share> shares = new ArrayList<>();
        for (Volume mount : spec.mounts().shared()) {
            shares.add(workspaces.share(mount.source()));
        }
        return shares;
    }
}
