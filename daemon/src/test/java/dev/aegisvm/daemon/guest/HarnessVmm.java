package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.fake.FakeLayers;

/** Starts VMs that are the harness's own program as a process of this machine: their files are this machine's. */
public final class HarnessVmm implements Vmm {
    private static final Capabilities CAPABILITIES = new Capabilities(
            "harness",
            EnumSet.of(Capability.PAUSE_RESUME, Capability.BOOT_FROM_DISK_LAYERS, Capability.LAYERED_DISK),
            new GuestDevices("vda", "vdb", "share"),
            Duration.ZERO,
            new FakeLayers(),
            Set.of());

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Vm launch(VmSpec spec) throws VmmException {
        try {
            Files.writeString(spec.disk(), "disk of " + spec.id());
            return new HarnessVm(RealHarness.start());
        } catch (IOException obstacle) {
            throw new VmmException("no harness", "build it", obstacle);
        }
    }

    @Override
    public void close() {}

    private record HarnessVm(RealHarness harness) implements Vm {
        @Override
        public ProcessIdentity process() {
            return new ProcessIdentity(1, 1, "no boot");
        }

        @Override
        public ByteChannel channel(Duration limit) {
            return harness.channel();
        }

        @Override
        public Capabilities capabilities() {
            return CAPABILITIES;
        }

        @Override
        public Origin origin() {
            return new Origin(Origin.Mode.TEMPLATE, Optional.empty(), () -> {}, reason -> {});
        }

        @Override
        public Optional<Network> network() {
            return Optional.empty();
        }

        @Override
        public void freeze() throws VmmException {
            signal("-STOP");
        }

        @Override
        public void resume() throws VmmException {
            signal("-CONT");
        }

        private void signal(String name) throws VmmException {
            try {
                String pid = Long.toString(harness.process().pid());
                new ProcessBuilder("kill", name, pid).start().waitFor();
            } catch (IOException obstacle) {
                throw new VmmException("no signal", "", obstacle);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new VmmException("interrupted", "", stop);
            }
        }

        @Override
        public void kill() {
            try {
                harness.close();
            } catch (IOException closed) {
                harness.process().destroyForcibly();
            }
        }

        @Override
        public CompletableFuture<VmExit> exit() {
            return harness.process().onExit().thenApply(_ -> new VmExit(new End.PoweredOff(), "", ""));
        }
    }
}
