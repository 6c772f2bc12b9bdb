package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.host.Machine;
import dev.aegisvm.vmm.start.Accelerator.Verdict;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;

/**
 * What this user's daemons have found out, whatever their homes and caches: a file for each subject, such as a kernel.
 *
 * @param boot of the host; verdicts of others do not count
 */
record Verdicts(Path directory, String boot) {
    private static final JsonType<Verdict> JSON = Jsonb.instance().type(Verdict.class);

    /** @param root where the host's file system is seen */
    static Verdicts in(Path directory, Path root) {
        return new Verdicts(directory, new Machine(root).bootId().orElse("unknown"));
    }

    /** Where the verdict on this is kept. */
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

    /** The one that was kept last. */
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
