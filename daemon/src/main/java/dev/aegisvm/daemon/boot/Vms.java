package dev.aegisvm.daemon.boot;

import dev.aegisvm.daemon.create.Workspaces;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.Share;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmSpec;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.VmmException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** Starts the VMs of instances: brings together what one is made of. */
public record Vms(Vmm vmm, Places places, Workspaces workspaces, ImageStock images) {

    /** @param notice is told what happens to the running VM that its user should know of */
    Vm start(InstanceSpec spec, Consumer<String> notice) throws IOException, VmmException {
        return vmm.start(new VmSpec(
                spec.id(),
                new VmShape(spec.memoryMb(), spec.vcpus()),
                spec.image().map(image -> images.root(image.name(), image.digest())),
                places.disk(spec.id()),
                spec.diskMb(),
                places.runDirectory(spec.id()),
                vmm.capabilities().has(Capability.NETWORK),
                share(spec),
                Optional.empty(),
                notice));
    }

    private Optional<Share> share(InstanceSpec spec) throws IOException {
        return spec.workspace().isPresent()
                ? Optional.of(workspaces.share(spec.workspace().get()))
                : Optional.empty();
    }
}
