package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what can run guests on this host. A {@code /dev/kvm} that opens is no proof (there are hosts where no guest
 * kernel gets anywhere with it), so the guest is really booted once, and the verdict is kept.
 */
final class Accelerators {
    private static final JsonType<Accelerator.Verdict> JSON = Jsonb.instance().type(Accelerator.Verdict.class);
    private static final Path KVM_DEVICE = Path.of("/dev/kvm");
    private static final String VIRTUALIZATION = "virtualization";

    /** A boot that shows whether KVM can run the guest. It should be of use, since it takes as long as any. */
    @FunctionalInterface
    interface Trial {
        void boot(Accelerator kvm) throws VmmException;
    }

    private final QemuSettings settings;
    private final String qemu;
    private final Path file;
    private final ReentrantLock choosing = new ReentrantLock();
    private Accelerator.@Nullable Verdict verdict;

    Accelerators(QemuSettings settings, String qemu) {
        this.settings = settings;
        this.qemu = qemu;
        this.file = file(settings.cache());
    }

    /**
     * The accelerator to use.
     *
     * @param trial is run where nobody knows yet whether KVM can run the guest
     */
    Accelerator choose(Trial trial) throws VmmException {
        choosing.lock();
        try {
            Accelerator.Verdict known = kept().orElse(null);
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
            Optional<Accelerator.Verdict> news =
                    kept().filter(known -> !known.toTell().isEmpty());
            news.ifPresent(known -> keep(known.told()));
            return news.map(Accelerator.Verdict::toTell);
        } catch (VmmException unknown) {
            return Optional.empty();
        } finally {
            choosing.unlock();
        }
    }

    private Optional<Accelerator.Verdict> kept() throws VmmException {
        if (verdict == null) {
            String validFor = validFor();
            verdict =
                    read(file).filter(kept -> kept.validFor().equals(validFor)).orElse(null);
        }
        return Optional.ofNullable(verdict);
    }

    private Accelerator.Verdict decide(Trial trial) throws VmmException {
        String version = QemuBinary.version();
        if (settings.accelerator().isPresent()) {
            return verdict(version, settings.accelerator().get(), "chosen in config.toml or by AEGIS_ACCEL", "");
        }
        Optional<String> closed = deviceObstacle();
        if (closed.isPresent()) {
            return verdict(version, "tcg", "emulation, since " + closed.get(), "");
        }
        Optional<String> obstacle = obstacle(trial);
        return obstacle.isEmpty()
                ? verdict(version, "kvm", "the guest kernel booted with it", "")
                : verdict(
                        version,
                        "tcg",
                        "emulation, since " + obstacle.get(),
                        "VMs are emulated, many times slower than with KVM: " + obstacle.get() + "; " + remedy(file));
    }

    private Accelerator.Verdict verdict(String version, String accelerator, String reason, String toTell)
            throws VmmException {
        long tscKhz = accelerator.equals("tcg") ? measureTsc() : 0;
        return new Accelerator.Verdict(accelerator, reason, validFor(), tscKhz, version, toTell);
    }

    /** Why KVM, whose device opens, cannot be used; nothing when a guest came up with it. */
    private Optional<String> obstacle(Trial trial) throws VmmException {
        Optional<String> obstacle = QemuBinary.kvmObstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        settings.log().accept("accelerator: trying KVM with a boot of the guest kernel");
        try {
            trial.boot(Accelerator.KVM);
            return Optional.empty();
        } catch (VmmException e) {
            Throwable why = e instanceof QemuProcess.NotStarted ? e : e.getCause();
            if (why instanceof QemuProcess.NotStarted || why instanceof FirstBoot.NotBooted) {
                return Optional.of("the guest kernel did not come up with KVM: " + why.getMessage());
            }
            throw e;
        }
    }

    /** What to do on a host whose KVM cannot be used although its device opens. */
    private static String remedy(Path file) {
        return "enable nested virtualization where this machine is hosted, then end the daemon and delete " + file;
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

    private static Optional<String> deviceObstacle() {
        if (Files.notExists(KVM_DEVICE)) {
            return Optional.of("there is no " + KVM_DEVICE + " on this host");
        }
        try {
            FileChannel.open(KVM_DEVICE, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(KVM_DEVICE + " cannot be opened: " + HostError.reason(e));
        }
    }

    /** What is known of virtualization on this host, without a trial. */
    static Finding check(Path cache) {
        return read(file(cache)).map(verdict -> known(verdict, file(cache))).orElseGet(Accelerators::untried);
    }

    private static Finding known(Accelerator.Verdict verdict, Path file) {
        String found = verdict.accelerator() + ": " + verdict.reason();
        return verdict.accelerator().equals("kvm")
                ? Finding.ok(VIRTUALIZATION, found)
                : Finding.note(
                        VIRTUALIZATION,
                        found,
                        advice("VMs work, many times slower than with KVM; for that " + remedy(file)));
    }

    private static Finding untried() {
        Optional<String> obstacle = deviceObstacle().or(QemuBinary::kvmObstacle);
        if (obstacle.isEmpty()) {
            return Finding.note(
                    VIRTUALIZATION,
                    KVM_DEVICE + " opens; not tried with a guest yet",
                    "the first start of a VM tries it");
        }
        return Finding.note(
                VIRTUALIZATION,
                obstacle.get() + "; VMs will be emulated",
                advice("enable virtualization in the firmware, or nested virtualization of this VM, for speed"));
    }

    /** What to do for KVM; {@code otherwise} where it is not a matter of the device's rights. */
    private static String advice(String otherwise) {
        return Files.exists(KVM_DEVICE) && deviceObstacle().isPresent()
                ? access(KVM_DEVICE, "kvm", System.getProperty("user.name"))
                : otherwise;
    }

    /**
     * How a user gets to open a device: as a member of its group, where that is the group that is made for it.
     *
     * @param made the name of that group
     */
    static String access(Path device, String made, String user) {
        try {
            PosixFileAttributes found = Files.readAttributes(device, PosixFileAttributes.class);
            boolean helps = found.group().getName().equals(made)
                    && found.permissions().contains(PosixFilePermission.GROUP_WRITE);
            return helps
                    ? "adduser " + user + " " + made + ", then log in again"
                    : "as root: setfacl -m u:" + user + ":rw " + device;
        } catch (IOException gone) {
            return HostError.text(gone);
        }
    }

    private static Path file(Path cache) {
        return cache.resolve("accelerator.json");
    }

    /** All that a verdict depends on, with the format of its file first. */
    private String validFor() throws VmmException {
        String boot = new Machine()
                .bootId()
                .orElseThrow(() -> new VmmException("cannot read the host's boot id", "Mount the proc file system."));
        return String.join(
                " ",
                "2",
                boot,
                qemu,
                settings.image().kernel().toString(),
                settings.image().initramfs().toString(),
                deviceObstacle().orElse("kvm"),
                settings.accelerator().orElse("auto"));
    }

    private static Optional<Accelerator.Verdict> read(Path file) {
        try {
            return Optional.of(JSON.fromJson(Files.readString(file)));
        } catch (IOException | JsonException unreadable) {
            return Optional.empty();
        }
    }

    private void keep(Accelerator.Verdict decided) {
        verdict = decided;
        try {
            Path unfinished = Files.createTempFile(settings.cache(), "accelerator", ".unfinished");
            Files.writeString(unfinished, JSON.toJson(decided) + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            settings.log().accept("accelerator: cannot keep the verdict: " + HostError.text(e));
        }
    }
}
