package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import java.lang.System.Logger.Level;

/** A VM that reads a disk. It ends with the daemon, and the next daemon removes its files, which have no record. */
public final class DiskGuest {
    private static final System.Logger LOG = System.getLogger(DiskGuest.class.getName());

    private DiskGuest() {}

    public static DiskView open(Boots boots, InstanceSpec spec) throws IOException {
        try {
            if (!boots.admission().admits(spec.size().memoryMb())) {
                throw new IOException("the host has too little memory for the VM that reads its disk");
            }
            boots.places().prepare(spec.id());
            return mounted(boots, spec);
        } catch (IOException | ApiException obstacle) {
            removeFiles(boots, spec.id());
            throw obstacle;
        }
    }

    private static DiskView mounted(Boots boots, InstanceSpec spec) throws IOException {
        Vm vm;
        try {
            vm = boots.startVm(spec, Optional.empty(), _ -> {}, _ -> {});
        } catch (VmmException obstacle) {
            throw new IOException("cannot read its disk: " + obstacle.getMessage(), obstacle);
        }
        try {
            GuestLink link = GuestLink.open(vm, BootSequence.COLD_HELLO);
            if (!vm.origin().rootMounted()) {
                link.session().mount(vm.capabilities().devices()).await();
            }
            return new DiskView(link.session().files(Optional.empty()), () -> {
                LiveVm.end(vm);
                link.close();
                removeFiles(boots, spec.id());
            });
        } catch (IOException silent) {
            LiveVm.end(vm);
            throw silent;
        }
    }

    private static void removeFiles(Boots boots, String id) {
        try {
            boots.places().remove(id);
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, id + ": cannot delete temporary files: " + HostError.text(obstacle));
        }
    }
}
