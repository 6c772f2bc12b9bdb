package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.api.Names;
import dev.aegisvm.daemon.home.*;
import dev.aegisvm.daemon.instance.SnapshotRecord;
import dev.aegisvm.daemon.registry.Database;
import dev.aegisvm.daemon.registry.Database.DamagedException;
import dev.aegisvm.host.*;

/**
 * Opens the registry, and keeps what a damaged one leaves behind. The disks of its instances and the snapshots would
 * look like leftovers to the next daemon, so they are moved out of its way together with the registry. That
 * start fails, so that its user notices; the next one begins with no instances.
 */
final class SetAside {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

    private SetAside() {}

    /**
     * The registry of a home, in the newest schema. Throws {@link HomeException} when it is damaged, and was set aside
     * with all that depends on it; after any other exception, nothing was touched.
     */
    static Database openRegistry(Home home) throws HomeException, IOException {
        boolean needed =
                count(home.instances(), Names.ID_PREFIX) > 0 || count(home.snapshots(), SnapshotRecord.PREFIX) > 0;
        if (isEmpty(home.registry()) && needed) {
            throw keep(home, new DamagedException("it is missing or empty, but instances' disks exist", null));
        }
        try {
            return Database.open(home.registry(), home.scratch());
        } catch (DamagedException damage) {
            throw keep(home, damage);
        }
    }

    private static boolean isEmpty(Path file) throws IOException {
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS) || (Files.isRegularFile(file) && Files.size(file) == 0);
    }

    private static long count(Path all, String prefix) throws IOException {
        List<Path> found = Files.notExists(all) ? List.of() : PrivateDirectory.list(all);
        return found.stream()
                .filter(each -> each.getFileName().toString().startsWith(prefix) && Files.isDirectory(each))
                .count();
    }

    private static HomeException keep(Home home, DamagedException damage) {
        try {
            long disks = count(home.instances(), Names.ID_PREFIX);
            Path place = newPlace(home);
            move(home.instances(), place);
            move(home.snapshots(), place);
            move(home.logs(), place);
            // The registry goes last: as long as it is there, a start that broke off here is done again.
            move(home.registry().resolveSibling(home.registry().getFileName() + "-wal"), place);
            move(home.registry().resolveSibling(home.registry().getFileName() + "-shm"), place);
            move(home.registry(), place);
            return new HomeException(
                    "the registry " + home.registry() + " is damaged (" + damage.getMessage()
                            + "). It was moved, with the disks ("
                            + disks + "), the logs and the snapshots of its instances, to " + place
                            + ". Start again to continue without instances;"
                            + " docs/TROUBLESHOOTING.md says how to restore a disk",
                    damage);
        } catch (IOException obstacle) {
            return new HomeException(
                    "the registry " + home.registry() + " is damaged (" + damage.getMessage()
                            + ") and cannot be moved away: " + HostError.text(obstacle) + ". Move " + home.data()
                            + " away to start again without instances",
                    obstacle);
        }
    }

    private static Path newPlace(Home home) throws IOException {
        PrivateDirectory.ensure(home.damaged());
        String date = DATE.format(Instant.now());
        Path place = home.damaged().resolve(date);
        for (int other = 2; Files.exists(place); other++) {
            place = home.damaged().resolve(date + "-" + other);
        }
        PrivateDirectory.ensure(place);
        return place;
    }

    private static void move(Path from, Path into) throws IOException {
        if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(from, into.resolve(from.getFileName()));
        }
    }
}
