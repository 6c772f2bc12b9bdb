package dev.aegisvm.daemon.fake;

import dev.aegisvm.daemon.guest.RealHarness;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.BootMode;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.NetworkConfig;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmExit;
import dev.aegisvm.vmm.VmSpec;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.VmmException;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Starts VMs that are the harness's own program as a process of this machine: their files are this machine's. */
public final class HarnessVmm implements Vmm {
    @Override
    public String name() {
        return "harness";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.PAUSE_RESUME);
    }

    @Override
    public Vm start(VmSpec spec) throws VmmException {
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
        public ByteChannel channel() {
            return harness.channel();
        }

        @Override
        public boolean rootMounted() {
            return true;
        }

        @Override
        public BootMode bootMode() {
            return BootMode.COLD;
        }

        @Override
        public Optional<String> fallbackReason() {
            return Optional.empty();
        }

        @Override
        public Map<String, Duration> stages() {
            return Map.of();
        }

        @Override
        public Optional<NetworkConfig> network() {
            return Optional.empty();
        }

        @Override
        public void distrustTemplate(String reason) {}

        @Override
        public void pause() throws VmmException {
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
            return harness.process().onExit().thenApply(ended -> new VmExit(ended.exitValue(), "", ""));
        }
    }
}
