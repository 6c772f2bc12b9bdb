package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import module java.management;
import dev.aegisvm.testkit.OuterVm;
import dev.aegisvm.testkit.TestHome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The scenarios with KVM, which runs in an outer VM on every host. What is built is used there as it is; the tests run there as
 * here, by JUnit's launcher. Where it is slow, the limits are those of a host that has other things to do.
 */
@Tag("outer")
class OuterVmTest {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final Path REPORTS = Path.of("target", "surefire-reports");

    /** Makes the template first, as the first use of a checkout does. */
    private static final List<String> PREPARED = List.of(
            "sh",
            "-c",
            "AEGIS_HOME=$(mktemp -d) " + System.getProperty("aegis.bin") + "/aegisd --prepare && exec \"$@\"",
            "sh");

    @Test
    void kvmIsChosenAndWorks() throws Exception {
        assertTestsPass("kvm", Duration.ofMinutes(10), List.of(), "--select-class=" + KvmTest.class.getName());
    }

    /** Half of the classes, by their initials, in each of two outer VMs at the same time. */
    @Test
    @Tag("slow")
    void theScenariosPassWithKvm() throws Exception {
        // Each outer VM ends with the thread that starts it, and a virtual one's may end at any time.
        try (ExecutorService both = Executors.newFixedThreadPool(2)) {
            for (Future<?> half : both.invokeAll(List.of(scenarios("A-I"), scenarios("J-Z")))) {
                half.get();
            }
        }
    }

    private static Callable<@Nullable Void> scenarios(String initials) {
        return () -> {
            assertTestsPass(
                    "scenarios-" + initials,
                    Duration.ofMinutes(40),
                    PREPARED,
                    "--scan-class-path=" + Path.of("target", "test-classes").toAbsolutePath(),
                    "--include-classname=.*\\.[" + initials + "][^.]*Test",
                    "--include-tag=vm",
                    "--exclude-tag=slow | stress | " + NotInOuterVm.TAG);
            return null;
        };
    }

    /** @param before begins the command line of the tests */
    private static void assertTestsPass(String name, Duration limit, List<String> before, String... selection)
            throws Exception {
        Path orders = Path.of("target", "outer", name).toAbsolutePath();
        if (Files.exists(orders)) {
            TestHome.delete(orders);
        }
        Files.createDirectories(orders);
        Path cache = HostUser.copyCache(orders.resolve("cache"));
        List<Path> shown = new ArrayList<>(OuterVm.java());
        shown.addAll(List.of(CHECKOUT, property("aegis.repository")));
        OuterVm vm = new OuterVm(CHECKOUT, shown);
        OuterVm.Result result = vm.run(tests(cache, before, selection), orders, limit);
        TestHome.delete(cache);
        Path report = orders.resolve("reports/TEST-junit-jupiter.xml");
        if (Files.exists(report)) {
            Files.copy(report, REPORTS.resolve("TEST-outer-" + name + ".xml"), StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(result.exitCode()).as(result.lastLines()).isZero();
    }

    private static Path property(String name) {
        return Path.of(System.getProperty(name));
    }

    /** The command line of JUnit's launcher, with the class path and the options of this JVM. */
    private static List<String> tests(Path cache, List<String> before, String... selection) {
        List<String> words = new ArrayList<>(List.of(
                "env",
                "-C",
                Path.of("").toAbsolutePath().toString(),
                "JAVA_HOME=" + property("java.home"),
                "AEGIS_CACHE=" + cache));
        words.addAll(before);
        words.add(property("java.home").resolve("bin/java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Daegis.storm=200"));
        words.addAll(List.of("-Daegis.checkout=" + CHECKOUT, "-Daegis.bin=" + property("aegis.bin")));
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.addAll(
                List.of("org.junit.platform.console.ConsoleLauncher", "execute", "--include-engine=junit-jupiter"));
        words.addAll(List.of("--disable-banner", "--disable-ansi-colors", "--details=testfeed", "--fail-if-no-tests"));
        words.add("--reports-dir=/orders/reports");
        words.addAll(List.of(selection));
        return words;
    }
}
