package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl+C at any moment of a command: exit code 130, no word of Java's, and nothing is left that was not told of. */
class InterruptTest {
    private static final int MANY = 60;
    private static final String BOX = "box";

    @TempDir
    Path directory;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon().withBox();

    @Test
    @Tag("vm")
    void atAFewMoments() throws Exception {
        interrupt(5);
    }

    @Test
    @Tag("stress")
    void atManyMoments() throws Exception {
        interrupt(MANY);
    }

    private void interrupt(int moments) throws Exception {
        Interrupts interrupts = new Interrupts(home, moments, () -> {});
        interrupts.of("ps");
        interrupts.of("exec", BOX, "--", "true");
        interrupts.of("run", "--", "true");
        Set<String> named = new HashSet<>(lines(interrupts.of("run", "-d", "--", "sleep", "600")));
        named.add(BOX);
        Interrupts forking = new Interrupts(home, moments, () -> home.aegis("instance", "delete", "try-1", "try-2"));
        List<String> forks = forking.of("fork", BOX, "--count", "2", "--name", "try");
        named.addAll(lines(forks.subList(forks.size() - 1, forks.size())));
        awaitNames(named, "ps", "-a", "-q");
        awaitNames(lines(interrupts.of("snapshot", "create", BOX)), "snapshot", "list", "-q");
    }

    private static List<String> lines(List<String> printed) {
        return printed.stream().flatMap(String::lines).map(String::strip).toList();
    }

    private void awaitNames(Collection<String> names, String... list) {
        await().untilAsserted(() ->
                assertThat(home.aegis(list).ok().stdout().lines()).containsExactlyInAnyOrderElementsOf(names));
    }

    @Test
    @Tag("stress")
    void aPullLeavesNothingHalfMade() throws Exception {
        home.with("DOCKER_CONFIG", directory.toString());
        OciImage image = BusyboxImage.make(directory.resolve("layout"), "app");
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"))) {
            registry.push(image, "app:1");
            String name = registry.name("app:1");
            new Interrupts(home, MANY, () -> home.aegis("image", "delete", name)).of("image", "pull", name);
            String whole = home.aegis("run", "--image", name, "--", "busybox", "echo", "whole")
                    .ok()
                    .stdout();
            assertThat(whole).isEqualTo("whole\n");
            Path making = HomeFixture.cache().resolve("images/making");
            await().until(() -> Objects.requireNonNull(making.toFile().list()).length == 0);
            home.aegis("image", "delete", name).ok();
        }
    }
}
