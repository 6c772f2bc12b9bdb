package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The daemon is killed while it works for somebody, at several points of that. What it had said was done is done, and of what
 * was not done nothing is left. {@link CrashTest} does the same with the lives of instances.
 */
@Tag("vm")
@Tag("check-all")
@Tag("stress")
class KilledWorkTest {
    /** How often it is killed in each work. */
    private static final int TIMES = Integer.getInteger("aegis.crashes", 2);

    private static final int NOISE = 8 << 20;

    /** What instances, templates and images have, and the locks of images, which stay. */
    private static final Pattern WHOLE = Pattern.compile("data/instances/.*/disk\\.raw|data/logs/.*\\.ndjson"
            + "|cache/(?!images/).*|cache/images/(by-digest/|by-name/|locks/[0-9a-f]{64}).*");

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create();

    @TempDir
    static Path place;

    private static LocalRegistry registry;
    private static String remote;
    private static Path archive;
    private static Path workspace;
    /** The digest of the noise. */
    private static String content;

    /** What the daemon does for a client. */
    enum Work {
        LOADING,
        PULLING,
        COPYING,
        SETTING_A_SECRET,
        WRITING_TO_A_WORKSPACE
    }

    @BeforeAll
    static void imagesAndBox() throws IOException {
        byte[] noise = new byte[NOISE];
        new Random(NOISE).nextBytes(noise);
        OciImage image = BusyboxImage.make(place.resolve("layout"), "app")
                .with(Files.write(place.resolve("noise"), noise), "/noise");
        registry = LocalRegistry.open(place.resolve("registry"));
        remote = registry.push(image, "app:1");
        archive = place.resolve("archive");
        Tool.run("skopeo", "copy", "--quiet", image.reference(), "docker-archive:" + archive + ":loaded:1");
        workspace = Files.createDirectory(place.resolve("workspace"));
        content = Tool.run("sh", "-c", "sha256sum < " + place.resolve("noise"));
        Path templates = HOME.ownCache().resolve("templates");
        // With a template of its own, a box that was killed starts soon.
        startBox();
        await().until(() -> Files.isDirectory(templates) && hasTemplate(templates));
    }

    @AfterAll
    static void closeRegistry() {
        registry.close();
    }

    private static boolean hasTemplate(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().matches("[0-9a-f]{24}"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostAndNothingIsLeft(Work work) throws IOException {
        startBox();
        long begun = System.nanoTime();
        HomeFixture.Result undisturbed = begin(work, "whole").await().ok();
        long whole = System.nanoTime() - begun;
        assertDone(work, "whole", undisturbed);
        Inventory before = Inventory.of(HOME);
        for (int round = 1; round <= TIMES; round++) {
            String name = "round-" + round;
            HomeFixture.Running request = begin(work, name);
            LockSupport.parkNanos(whole * round / TIMES);
            HOME.killDaemon();
            HomeFixture.Result result = request.await();
            HOME.aegis("up").ok();
            Inventory after = Inventory.of(HOME);
            assertThat(after.processes()).isEmpty();
            assertThat(after.filesSince(before))
                    .as(name)
                    .allMatch(file -> WHOLE.matcher(file).matches());
            startBox();
            assertDone(work, name, result);
        }
    }

    private static void startBox() {
        HOME.aegis(
                "instance", "start", "--name", "box", "--workspace", workspace.toString(), "--", "sleep", "infinity");
        inBox("true");
    }

    private static String inBox(String script) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", script).ok().stdout();
    }

    private static HomeFixture.Running begin(Work work, String name) {
        return switch (work) {
            case LOADING -> HOME.start("image", "load", archive.toString());
            case PULLING -> HOME.start("image", "pull", remote);
            case COPYING ->
                HOME.line("aegis cp noise box:/srv/" + name + " && aegis exec box -- sync /srv/" + name, place);
            case SETTING_A_SECRET -> HOME.start("secret", "set", secret(name), name);
            case WRITING_TO_A_WORKSPACE -> {
                String script = "for i in $(seq 300); do echo $i >> /workspace/" + name + "; echo $i; done";
                yield HOME.start("exec", "box", "--", "sh", "-c", script);
            }
        };
    }

    private static String secret(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** That all is there if the daemon had said so, and none of it or all of it otherwise. */
    private static void assertDone(Work work, String name, HomeFixture.Result result) throws IOException {
        boolean done = result.exitCode() == 0;
        boolean there = switch (work) {
            case LOADING -> tookImage("loaded:1");
            case PULLING -> tookImage(remote);
            case COPYING -> tookCopy(name);
            case SETTING_A_SECRET -> tookSecret(name);
            case WRITING_TO_A_WORKSPACE -> {
                Path file = workspace.resolve(name);
                assertThat(Files.exists(file) ? Files.readString(file) : "").startsWith(result.stdout());
                yield true;
            }
        };
        assertThat(there || !done)
                .as("%s, of which was said that it is done", name)
                .isTrue();
    }

    /** Whether an image is there, which then is whole; deletes all images. */
    private static boolean tookImage(String reference) throws IOException {
        if (!HOME.aegis("image", "list").ok().stdout().contains(reference + " ")) {
            return false;
        }
        try (Stream<Path> files = Files.walk(HOME.directory().resolve("cache/images/by-digest"))) {
            for (Path root :
                    files.filter(file -> file.toString().endsWith(".erofs")).toList()) {
                Tool.run("fsck.erofs", root.toString());
            }
        }
        HOME.aegis("image", "prune", "--force").ok();
        return true;
    }

    private static boolean tookCopy(String name) {
        String files = inBox("ls -A /srv");
        if (files.isEmpty()) {
            return false;
        }
        assertThat(files).isEqualTo(name + "\n");
        assertThat(inBox("sha256sum < /srv/" + name + "; rm /srv/" + name + "; sync"))
                .isEqualTo(content);
        return true;
    }

    private static boolean tookSecret(String name) {
        if (!HOME.aegis("secret", "list").ok().stdout().contains(secret(name))) {
            return false;
        }
        HomeFixture.Result run = HOME.aegis("run", "--secret", secret(name), "--", "printenv", secret(name));
        assertThat(run.ok().stdout()).isEqualTo(name + "\n");
        return true;
    }
}
