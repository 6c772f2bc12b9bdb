package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;

/**
 * What runs the guest's instructions.
 *
 * @param name {@code kvm} or {@code tcg}
 * @param tscKhz the rate of the time stamp counter that an emulated guest sees, which is the host's; 0 when unknown
 */
public record Accelerator(String name, long tscKhz) {
    static final Accelerator KVM = new Accelerator("kvm", 0);

    public Accelerator {
        if (!name.equals("kvm") && !name.equals("tcg")) {
            throw new IllegalArgumentException("unknown accelerator '" + name + "': use kvm or tcg");
        }
    }

    public boolean emulated() {
        return name.equals("tcg");
    }

    /**
     * Which accelerator was chosen and why, as {@link Verdicts} keep it for the next start and for the doctor.
     *
     * @param boot of the host, the only one for which it holds
     * @param toTell what the user has not been told of it yet; empty when there is nothing
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Verdict(String accelerator, String reason, String boot, long tscKhz, String toTell) {
        Verdict told() {
            return new Verdict(accelerator, reason, boot, tscKhz, "");
        }
    }

    /**
     * What this user's daemons have found out, whatever their homes and caches: a file for each subject.
     *
     * @param boot of the host; verdicts of others do not count
     */
    record Verdicts(Path directory, String boot) {
        private static final JsonType<Verdict> JSON = Jsonb.instance().type(Verdict.class);

        /** @param root where the host's file system is seen */
        static Verdicts in(Path directory, Path root) {
            return new Verdicts(directory, new Machine(root).bootId().orElse("unknown"));
        }

        Path file(String subject) {
            return directory.resolve(Fingerprint.of(subject) + ".json");
        }

        /** Nothing that another user may have written. */
        Optional<Verdict> read(Path file) {
            try {
                if (!Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(PrivateDirectory.ourselves())) {
                    return Optional.empty();
                }
                return Optional.of(JSON.fromJson(Files.readString(file))).filter(kept -> boot.equals(kept.boot()));
            } catch (IOException | JsonException unreadable) {
                return Optional.empty();
            }
        }

        void keep(Path file, Verdict verdict) throws IOException {
            PrivateDirectory.ensure(directory);
            Draft.write(file, out -> out.write((JSON.toJson(verdict) + "\n").getBytes(StandardCharsets.UTF_8)));
        }

        Optional<Verdict> latest() {
            try (Stream<Path> files = Files.list(directory)) {
                Comparator<Path> byAge =
                        Comparator.comparingLong(file -> file.toFile().lastModified());
                return files.sorted(byAge.reversed())
                        .flatMap(file -> read(file).stream())
                        .findFirst();
            } catch (IOException none) {
                return Optional.empty();
            }
        }

        /** A daemon whose verdict is gone decides again. */
        void forget() throws IOException {
            PrivateDirectory.remove(directory);
        }
    }
}
