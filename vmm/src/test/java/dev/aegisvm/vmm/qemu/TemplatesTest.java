package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.net.Passt;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplatesTest {
    /** Nothing is made here. */
    private static final GuestPreparer PREPARER = (GuestPreparer) Proxy.newProxyInstance(
            GuestPreparer.class.getClassLoader(), new Class<?>[] {GuestPreparer.class}, (_, method, _) -> {
                throw new UnsupportedOperationException(method.getName());
            });

    @TempDir
    Path cache;

    private Templates templates() {
        Jail jail = new Jail(
                cache.resolve("jail"), new Jail.Rules(Uids.none(), Cgroup.none("in a test"), false), List.of());
        QemuSettings settings = new QemuSettings(
                new GuestImage(cache, cache, cache),
                new Passt(Path.of("/"), OptionalInt.empty()),
                jail,
                cache,
                cache,
                cache,
                6,
                Optional.of("tcg"),
                cache,
                64,
                0,
                _ -> false,
                _ -> {});
        return new Templates(settings, new QemuJail(jail, new QemuFiles(cache), new AtomicBoolean()), PREPARER, "qemu");
    }

    @Test
    void whatAKilledDaemonLeftHalfMadeCanGoAtOnce() throws IOException {
        Path root = Files.createDirectories(cache.resolve("templates"));
        Path left = Files.createDirectory(root.resolve("unfinished-1"));
        Files.writeString(left.resolve("making.ram"), "memory");
        List<Vmm.Saved> saved = templates().saved();
        assertThat(saved).extracting(Vmm.Saved::directory).containsExactly(left);
        assertThat(saved.getFirst().used()).isEqualTo(Instant.EPOCH);
        saved.getFirst().discard().run();
        try (Stream<Path> rest = Files.list(root)) {
            assertThat(rest).containsExactly(root.resolve(".lock"));
        }
    }
}
