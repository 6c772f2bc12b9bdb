package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.Cgroup;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.Uids;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.source.RegistryAccess;

/** Makers of images whose children are in the jail that was built here; root's have uids that nobody has. */
final class TestMaker {
    static final Path BUILT =
            Path.of("..", "host", "jail", "build").toAbsolutePath().normalize();

    private static final int UIDS = 0x7000_0000;

    static final OwnImages NO_OWN = new OwnImages(Path.of("/nonexistent"));

    static final RegistryAccess NO_LOGINS = new RegistryAccess(Path.of("/nonexistent"), Optional.empty());

    private TestMaker() {}

    /** @param options of the children's JVM */
    static ImageMaker with(String... options) {
        Jail jail = new Jail(
                BUILT.resolve(Jail.PROGRAM),
                new Jail.Rules(new Uids(UIDS, 100), Cgroup.none("in a test"), true),
                List.of());
        return new ImageMaker(jail, List.of(options));
    }
}
