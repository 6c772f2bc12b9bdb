package dev.aegisvm.vmm.qemu;

import dev.aegisvm.host.Program;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what can run guests on this host. A {@code /dev/kvm} that opens is no proof (there are hosts where no guest
 * kernel gets anywhere with it), so the guest is really booted once, and the verdict is kept.
 */
final class Accelerators {
    private static final JsonType<AcceleratorVerdict> JSON = Jsonb.instance().type(AcceleratorVerdict.class);
    private static final Path KVM_DEVICE = Path.of("/dev/kvm");
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)(\\.\\d+)?");
    /** The first QEMU that counts in milliseconds until it connects again. */
    private static final int MIN_MAJOR = 9;

    private static final int MIN_MINOR = 2;

    private final QemuSettings settings;
    private final Templates templates;
    private final String qemu;
    private final Path file;
    private @Nullable AcceleratorVerdict verdict;

    Accelerators(QemuSettings settings, Templates templates, String qemu) {
        this.settings = settings;
        this.templates = templates;
        this.qemu = qemu;
        this.file = settings.cache().resolve("accelerator.json");
    }

    /** The accelerator to use; the first call on a host may take as long as a trial boot. */
    synchronized Accelerator choose() throws VmmException {
        AcceleratorVerdict known = verdict;
        if (known == null) {
            String validFor = validFor();
            known = read().filter(kept -> kept.validFor().equals(validFor)).orElse(null);
            if (known == null) {
                known = decide(validFor, checkedVersion());
                write(known);
                settings.log().accept("accelerator: " + known.accelerator() + ": " + known.reason());
            }
            verdict = known;
        }
        return new Accelerator(known.accelerator(), known.tscKhz());
    }

    private AcceleratorVerdict decide(String validFor, String version) throws VmmException {
        Optional<String> forced = settings.accelerator();
        if (forced.isPresent()) {
            return verdict(forced.get(), "set by AEGIS_ACCEL", validFor, version);
        }
        Optional<String> obstacle = kvmObstacle();
        return obstacle.isPresent()
                ? verdict("tcg", obstacle.get(), validFor, version)
                : verdict("kvm", "the guest kernel booted with it", validFor, version);
    }

    private AcceleratorVerdict verdict(String accelerator, String reason, String validFor, String version)
            throws VmmException {
        long tscKhz = accelerator.equals("tcg") ? measureTsc() : 0;
        return new AcceleratorVerdict(accelerator, reason, validFor, tscKhz, version);
    }

    private long measureTsc() throws VmmException {
        try {
            return Long.parseLong(Program.run(List.of(settings.tscMeter().toString())));
        } catch (IOException | NumberFormatException e) {
            throw new VmmException(
                    "cannot measure the host's time stamp counter: " + e.getMessage(),
                    "Build the programs again with make.",
                    e);
        }
    }

    /** Why KVM cannot be used, or nothing when a guest came up with it. */
    private Optional<String> kvmObstacle() {
        if (!Files.exists(KVM_DEVICE)) {
            return Optional.of("emulation, since there is no " + KVM_DEVICE + " on this host");
        }
        try {
            FileChannel.open(KVM_DEVICE, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
            settings.log().accept("accelerator: trying KVM with a boot of the guest kernel");
            templates.trialBoot(new VmShape(256, 1), Accelerator.KVM);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("emulation, since " + KVM_DEVICE + " cannot be opened: " + e.getMessage());
        } catch (VmmException e) {
            return Optional.of("emulation, since a trial boot with KVM failed: " + e.getMessage());
        }
    }

    private String checkedVersion() throws VmmException {
        String printed;
        try {
            printed = Program.run(List.of(Accelerator.TCG.binary(), "--version"));
        } catch (IOException e) {
            throw new VmmException(
                    "QEMU cannot be run: " + e.getMessage(), "Install it: apt-get install qemu-system-x86", e);
        }
        Matcher version = VERSION.matcher(printed);
        if (!version.find()) {
            throw new VmmException("cannot tell QEMU's version from: " + printed, "Reinstall qemu-system-x86.");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        if (major < MIN_MAJOR || (major == MIN_MAJOR && minor < MIN_MINOR)) {
            throw new VmmException(
                    "QEMU " + major + "." + minor + " is too old: " + MIN_MAJOR + "." + MIN_MINOR
                            + " or newer is needed",
                    "Upgrade qemu-system-x86.");
        }
        return version.group().substring("version ".length());
    }

    private String validFor() throws VmmException {
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
            return String.join(
                    " ",
                    boot,
                    qemu,
                    settings.image().kernel().toString(),
                    settings.image().initramfs().toString(),
                    settings.accelerator().orElse("auto"));
        } catch (IOException e) {
            throw new VmmException("cannot read the host's boot id", "Is /proc mounted?", e);
        }
    }

    private Optional<AcceleratorVerdict> read() {
        try {
            return Optional.of(JSON.fromJson(Files.readString(file)));
        } catch (IOException | JsonException unreadable) {
            return Optional.empty();
        }
    }

    private void write(AcceleratorVerdict decided) {
        try {
            Path unfinished = Files.createTempFile(settings.cache(), "accelerator", ".unfinished");
            Files.writeString(unfinished, JSON.toJson(decided) + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            settings.log().accept("accelerator: cannot keep the verdict: " + e.getMessage());
        }
    }
}
