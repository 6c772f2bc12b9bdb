package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.start.Accelerator.*;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what can run guests on this host. A {@code /dev/kvm} that opens is no proof (there are hosts where no guest
 * kernel gets anywhere with it), so the guest is really booted once, and the verdict is kept.
 */
final class Accelerators {
    /** A boot that shows whether KVM can run the guest. It should be of use, since it takes as long as any. */
    @FunctionalInterface
    interface Trial {
        void boot(Accelerator kvm) throws VmmException;
    }

    private final StartSettings settings;
    private final Machines machines;
    private final Kvm kvm;
    private final Verdicts verdicts;
    private final ReentrantLock choosing = new ReentrantLock();
    private @Nullable Verdict verdict;
    /** Where that is kept, if it could be; another process may write it, after a {@link #forget}. */
    private @Nullable Path file;

    Accelerators(StartSettings settings, Machines machines, Kvm kvm) {
        this.settings = settings;
        this.machines = machines;
        this.kvm = kvm;
        this.verdicts = Verdicts.in(settings.verdicts(), Path.of("/"));
    }

    /**
     * The accelerator to use.
     *
     * @param trial is run where it is not known yet whether KVM can run the guest
     */
    Accelerator choose(Trial trial) throws VmmException {
        choosing.lock();
        try {
            Verdict known = kept().orElse(null);
            if (known == null) {
                known = decide(trial);
                keep(known);
                settings.log().accept("accelerator: " + known.accelerator() + ": " + known.reason());
            }
            return new Accelerator(known.accelerator(), known.tscKhz());
        } finally {
            choosing.unlock();
        }
    }

    /** What the user should know of the choice; it is said once. Nothing while the choice is being made. */
    Optional<String> toTell() {
        if (!choosing.tryLock()) {
            return Optional.empty();
        }
        try {
            Optional<Verdict> news = kept().filter(known -> !known.toTell().isEmpty());
            news.ifPresent(known -> keep(known.told()));
            return news.map(Verdict::toTell);
        } catch (VmmException unknown) {
            return Optional.empty();
        } finally {
            choosing.unlock();
        }
    }

    /** Has KVM tried again, also by other daemons of this user. */
    void forget() throws VmmException {
        try {
            verdicts.forget();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot delete what was found out about KVM: " + HostError.text(e),
                    "Check that you can write there, then run `aegis doctor --kvm` again.",
                    e);
        }
    }

    private Optional<Verdict> kept() throws VmmException {
        if (file != null) {
            verdict = verdicts.read(file).orElse(null);
        }
        if (verdict == null) {
            file = verdicts.file(subject());
            verdict = verdicts.read(file).orElse(null);
        }
        return Optional.ofNullable(verdict);
    }

    private void keep(Verdict decided) {
        verdict = decided;
        try {
            if (file != null) {
                verdicts.keep(file, decided);
            }
        } catch (IOException e) {
            file = null;
            settings.log().accept("accelerator: cannot store the result: " + HostError.text(e));
        }
    }

    private Verdict decide(Trial trial) throws VmmException {
        machines.require();
        if (settings.accelerator().isPresent()) {
            return verdict(settings.accelerator().get(), "chosen in config.toml or by AEGIS_ACCEL", "");
        }
        Optional<String> obstacle = kvm.obstacle();
        if (obstacle.isEmpty()) {
            obstacle = failure(trial);
        }
        return obstacle.isEmpty()
                ? verdict("kvm", "the guest kernel booted with it", "")
                : verdict(
                        "tcg",
                        "emulation, because " + obstacle.get(),
                        "VMs are emulated, many times slower than with KVM: " + obstacle.get() + "; " + kvm.remedy());
    }

    private Verdict verdict(String accelerator, String reason, String toTell) throws VmmException {
        long tscKhz = accelerator.equals("tcg") ? measureTsc() : 0;
        return new Verdict(accelerator, reason, verdicts.boot(), tscKhz, toTell);
    }

    /** Why no guest came up with KVM; nothing when one did. */
    private Optional<String> failure(Trial trial) throws VmmException {
        settings.log().accept("accelerator: testing KVM by booting the guest kernel");
        try {
            trial.boot(Accelerator.KVM);
            return Optional.empty();
        } catch (Machines.NotStarted | FirstBoot.NotBooted e) {
            return Optional.of("the guest kernel did not boot with KVM: " + e.getMessage());
        }
    }

    private long measureTsc() throws VmmException {
        try {
            return Long.parseLong(Program.run(List.of(settings.tscMeter().toString())));
        } catch (IOException | NumberFormatException e) {
            throw new VmmException(
                    "cannot measure the host's time stamp counter: " + HostError.text(e),
                    "Build the programs again with make.",
                    e);
        }
    }

    /** All that a verdict depends on beside the host's boot; the kernel counts by what is in it. */
    private String subject() throws VmmException {
        Path kernel = settings.image().kernel();
        try (var content = new CheckedInputStream(Files.newInputStream(kernel), new CRC32())) {
            content.transferTo(OutputStream.nullOutputStream());
            return String.join(
                    " ",
                    machines.version(),
                    Long.toHexString(content.getChecksum().getValue()),
                    kvm.deviceObstacle().orElse("kvm"),
                    settings.accelerator().orElse("auto"));
        } catch (IOException e) {
            throw new VmmException("cannot read " + kernel + ": " + HostError.text(e), "Run aegis-prepare-guest.", e);
        }
    }
}
