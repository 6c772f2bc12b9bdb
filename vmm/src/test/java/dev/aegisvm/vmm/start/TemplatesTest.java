package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.*;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplatesTest {
    @TempDir
    Path cache;

    private Templates templates() {
        StartSettings settings = new StartSettings(
                new GuestImage(cache, cache, cache),
                cache,
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
        return new Templates(settings, unused(Machines.class), unused(GuestPreparer.class));
    }

    /** Nothing is made here. */
    private static <T> T unused(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }

    /** Homes share caches. Those daemons leave ours alone, since they know another list. */
    @Test
    void templatesOfEarlierDaemonsCanGoToo() throws IOException {
        Path root = cache.resolve("templates");
        for (String list : List.of("sizes", "files", "sealed")) {
            Files.createFile(
                    Files.createDirectories(root.resolve("with-" + list)).resolve(list));
        }
        Files.createDirectory(root.resolve("foreign"));
        assertThat(templates().saved())
                .extracting(saved -> saved.directory().getFileName().toString())
                .containsExactlyInAnyOrder("with-sizes", "with-files", "with-sealed");
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
