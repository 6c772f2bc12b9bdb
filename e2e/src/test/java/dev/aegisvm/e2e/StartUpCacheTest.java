package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.Build;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The programs start from their AOT caches. The JVM silently ignores a cache that does not fit; with {@code
 * AOTMode=on}, which the launchers do not have, it refuses to start instead.
 */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("the start of the programs")
class StartUpCacheTest {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    private static final Started VERSION = new Started(0, "aegis " + Build.version() + "\n");

    /** Those that the first command has made, perhaps. */
    @BeforeAll
    static void train() throws IOException {
        Tool.run(
                CHECKOUT.resolve("scripts/train").toString(),
                CHECKOUT.resolve("bin").toString());
    }

    private record Started(int exitCode, String output) {}

    /** Runs a launcher, changed, as if it had been called by this path from the checkout. */
    private static Started start(String path, String place, String replacement, String argument)
            throws IOException, InterruptedException {
        return start(Files.readString(CHECKOUT.resolve(path)), path, place, replacement, argument);
    }

    private static Started start(String launcher, String path, String place, String replacement, String argument)
            throws IOException, InterruptedException {
        assertThat(launcher).contains(place);
        Process process = new ProcessBuilder(List.of("sh", "-c", launcher.replace(place, replacement), path, argument))
                .directory(CHECKOUT.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Started(process.waitFor(), output);
    }

    private static Started strictly(String path, String argument) throws IOException, InterruptedException {
        return start(path, "-XX:AOTCache=", "-XX:AOTMode=on -XX:AOTCache=", argument);
    }

    @ParameterizedTest
    @CsvSource({"bin/aegis", "./bin/aegis", "bin/../bin/aegis"})
    void theCommandStartsFromItsCache(String path) throws Exception {
        assertThat(strictly(path, "version")).isEqualTo(VERSION);
        assertThat(strictly(CHECKOUT.resolve(path).toString(), "version").exitCode())
                .isZero();
    }

    @Test
    void theDaemonStartsFromItsCache() throws Exception {
        Started started = strictly("bin/aegisd", "--frob");
        assertThat(started.output()).contains("unknown: --frob");
        assertThat(started.exitCode()).isEqualTo(2);
    }

    /** It ends without a word when it gets no orders. */
    @Test
    void theChildThatMakesImagesStartsFromItsCache() throws Exception {
        String child = Files.readString(CHECKOUT.resolve("bin/aegisd"))
                .replace("dev.aegisvm.daemon.Main", "dev.aegisvm.image.child.ChildMain");
        String cache = "-XX:AOTMode=on -XX:AOTCache=\"$caches/aegis-image.aot\"";
        assertThat(start(child, "bin/aegisd", "-XX:AOTCache=\"$caches/aegisd.aot\"", cache, "none"))
                .isEqualTo(new Started(1, ""));
    }

    @Test
    void thisTestWouldNoticeACacheThatIsNotUsed() throws Exception {
        assertThat(start("bin/aegis", "-XX:AOTCache=", "-XX:AOTMode=on -XX:AOTCache=/none", "version")
                        .exitCode())
                .isEqualTo(1);
    }

    @Test
    void withoutACacheNothingChangesButTheTime() throws Exception {
        assertThat(start("bin/aegis", "-XX:AOTCache=", "-XX:AOTCache=/none", "version"))
                .isEqualTo(VERSION);
    }
}
