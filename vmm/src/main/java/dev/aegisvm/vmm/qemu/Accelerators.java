package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what can run guests on this host. A {@code /dev/kvm} that opens is no proof (there are hosts where no guest
 * kernel gets anywhere with it), so the guest is really booted once, and the verdict is kept.
 */
final class Accelerators {
    private static final JsonType<Accelerator.Verdict> JSON = Jsonb.instance().type(Accelerator.Verdict.class);
    private static final Path KVM_DEVICE = Path.of("/dev/kvm");
    private static final String VIRTUALIZATION = "virtualization";

    private final QemuSettings settings;
    private final Templates templates;
    private final String qemu;
    private final Path file;
    private Accelerator.@Nullable Verdict verdict;

    Accelerators(QemuSettings settings, Templates templates, String qemu) {
        this.settings = settings;
        this.templates = templates;
        this.qemu = qemu;
        this.file = file(settings.cache());
    }

    /** The accelerator to use; the first call on a host may take as long as a trial boot. */
    synchronized Accelerator choose() throws VmmException {
        Accelerator.Verdict known = verdict;
        if (known == null) {
            String validFor = validFor();
            known = read(file).filter(kept -> kept.validFor().equals(validFor)).orElse(null);
            if (known == null) {
                known = decide(validFor, QemuBinary.version());
                write(known);
                settings.log().accept("accelerator: " + known.accelerator() + ": " + known.reason());
            }
            verdict = known;
        }
        return new Accelerator(known.accelerator(), known.tscKhz());
    }

    private Accelerator.Verdict decide(String validFor, String version) throws VmmException {
        Optional<String> forced = settings.accelerator();
        if (forced.isPresent()) {
            return verdict(forced.get(), "set by AEGIS_ACCEL", validFor, version);
        }
        Optional<String> obstacle = kvmObstacle();
        return obstacle.isPresent()
                ? verdict("tcg", obstacle.get(), validFor, version)
                : verdict("kvm", "the guest kernel booted with it", validFor, version);
    }

    private Accelerator.Verdict verdict(String accelerator, String reason, String validFor, String version)
            throws VmmException {
        long tscKhz = accelerator.equals("tcg") ? measureTsc() : 0;
        return new Accelerator.Verdict(accelerator, reason, validFor, tscKhz, version);
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

    /** Why KVM cannot be used, or nothing when a guest came up with it. */
    private Optional<String> kvmObstacle() {
        Optional<String> obstacle = deviceObstacle();
        if (obstacle.isPresent()) {
            return Optional.of("emulation, since " + obstacle.get());
        }
        try {
            settings.log().accept("accelerator: trying KVM with a boot of the guest kernel");
            templates.trialBoot(new VmShape(256, 1), Accelerator.KVM);
            return Optional.empty();
        } catch (IOException | VmmException e) {
            return Optional.of("emulation, since a trial boot with KVM failed: " + e.getMessage());
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
        return read(file(cache)).map(Accelerators::known).orElseGet(Accelerators::untried);
    }

    private static Finding known(Accelerator.Verdict verdict) {
        String found = verdict.accelerator() + ": " + verdict.reason();
        return verdict.accelerator().equals("kvm")
                ? Finding.ok(VIRTUALIZATION, found)
                : Finding.note(VIRTUALIZATION, found, advice("VMs work, many times slower than with KVM"));
    }

    private static Finding untried() {
        Optional<String> obstacle = deviceObstacle();
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

    private String validFor() throws VmmException {
        String boot = new Machine()
                .bootId()
                .orElseThrow(() -> new VmmException("cannot read the host's boot id", "Mount the proc file system."));
        return String.join(
                " ",
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

    private void write(Accelerator.Verdict decided) {
        try {
            Path unfinished = Files.createTempFile(settings.cache(), "accelerator", ".unfinished");
            Files.writeString(unfinished, JSON.toJson(decided) + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            settings.log().accept("accelerator: cannot keep the verdict: " + HostError.text(e));
        }
    }
}
