package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.TestHome;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive and the packages in a clean Debian system: unpacked or installed, used by an ordinary user, upgraded under the
 * daemon, removed.
 */
@Tag("vm")
@Tag("slow")
@Tag("only-root")
class PackagesTest {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final String BUILDS = "/usr/lib/aegisvm/bin/builds";
    private static final String OTHER_BUILD = "another build";
    /** Ten times the aim, which is for two processors with nothing else to do. */
    private static final Duration HELLO = Duration.ofSeconds(15).multipliedBy(10);

    private static final Duration TRAINING = Duration.ofMinutes(10);
    /** The user's daemon and command, and those that train. */
    private static final int JVMS = 4;
    /** Writes how many JVMs there are, again and again, until the file that says so is gone. */
    private static final String COUNT = """
            : >/run/count
            while [ -e /run/count ]; do pgrep -xc java; sleep 0.1; done >/run/jvms 2>&1 </dev/null &
            """;
    /** Makes another build and another version of an unpacked package. */
    private static final String CHANGE = """
            set -e
            sed -i "s/$1/$2/g" "$3/DEBIAN/control"
            cd "$3/usr/lib/aegisvm/package"
            [ -d builds ] || exit 0
            id=$(ls builds)
            other=0123456789abcdef
            mv "builds/$id" "builds/$other"
            sed -i "s/$id/$other/g" "builds/$other"/aegis "builds/$other"/aegisd "builds/$other"/aegis-mcp
            """;

    @TempDir
    Path directory;

    @Test
    void installedUsedUpgradedAndRemoved() throws Exception {
        makePackages();
        String version =
                Tool.run(CHECKOUT.resolve("scripts/version").toString()).strip();
        Path packages = CHECKOUT.resolve("dist");
        try (CleanRoot root = CleanRoot.make(directory.resolve("root"), needed(packages, version))) {
            SortedSet<String> before = root.files();
            runsFromAnArchive(root, packages.resolve("aegisvm-" + version + "-linux-x86_64.tar.zst"));
            leavesNothing(root, before);
            install(root, packages, version);
            hasItsDocuments(root, "/usr/share", "aegis");
            saysHelloSoon(root, "aegis");
            assertThat(root.run("cd / && find /home -name 'base-*'").text())
                    .as("no copy of the guest")
                    .isEmpty();
            startsFromItsCaches(root, BUILDS, "/usr/bin");
            root.run("mv " + BUILDS + "/*/aegis.aot /tmp/aegis.aot").ok();
            assertThat(strictly(root, BUILDS, "/usr/bin", "aegis", "version").exitCode())
                    .as("this test can fail")
                    .isNotZero();
            root.run("mv /tmp/aegis.aot " + BUILDS + "/*/").ok();
            isUpgradedUnderItsDaemon(root, packages, version);
            root.run("rm -r /tmp/layout /tmp/hostname").ok();
            root.run("apt-get remove -y aegisvm aegisvm-guest").ok();
            assertThat(root.run("ls /usr/bin | grep aegis; ls -d /usr/lib/aegisvm")
                            .text())
                    .isEqualTo("ls: cannot access '/usr/lib/aegisvm': No such file or directory\n");
            root.run("apt-get purge -y aegisvm aegisvm-guest").ok();
            leavesNothing(root, before);
            assertThat(root.run("dpkg -l 'aegisvm*' | grep ^[a-z][a-z]").text()).doesNotContain("ii", "rc");
        }
    }

    /** With the guest that the other tests use, whichever kernel that has. */
    private static void makePackages() throws Exception {
        Path cache = TestHome.sharedCache();
        String kernel = Files.readAllLines(cache.resolve("guest.properties")).stream()
                .filter(line -> line.startsWith("# kernel "))
                .map(line -> line.split(" ", -1)[2])
                .findFirst()
                .orElseThrow();
        ProcessBuilder dist = new ProcessBuilder("packaging/dist", "--without-full").directory(CHECKOUT.toFile());
        dist.environment().put("DIST_CACHE", cache.toString());
        dist.environment().put("AEGIS_KERNEL", kernel);
        dist.inheritIO();
        assertThat(dist.start().waitFor()).as("packaging/dist").isZero();
    }

    private static void leavesNothing(CleanRoot root, SortedSet<String> before) throws IOException {
        assertThat(root.run("pgrep -a -u " + CleanRoot.USER).text())
                .as("processes")
                .isEmpty();
        SortedSet<String> after = root.files();
        assertThat(after.stream().filter(each -> !before.contains(each)))
                .as("left")
                .isEmpty();
        assertThat(before.stream().filter(each -> !after.contains(each)))
                .as("lost")
                .isEmpty();
    }

    /** The start-up caches are made after the first command, once, and by few processes. */
    private static void runsFromAnArchive(CleanRoot root, Path archive) throws IOException {
        Tool.run("cp", archive.toString(), root.path("/tmp/archive.tar.zst").toString());
        root.run(COUNT).ok();
        root.asUser("tar -x --zstd -f /tmp/archive.tar.zst && mv aegisvm-* it").ok();
        saysHelloSoon(root, "it/bin/aegis");
        String home = "/home/" + CleanRoot.USER;
        await().atMost(TRAINING)
                .until(() -> root.run("pgrep -f scripts/train").text().isEmpty());
        root.run("rm /run/count").ok();
        startsFromItsCaches(root, home + "/it/bin/builds", home + "/it/bin");
        assertThat(root.run("sort -n /run/jvms | tail -n 1").text().strip())
                .as("JVMs at a time")
                .isBetween("1", Integer.toString(JVMS));
        hasItsDocuments(root, home + "/it/share", home + "/it/bin/aegis");
        root.asUser("it/bin/aegis down && rm -rf it .aegis").ok();
        root.run("rm /tmp/archive.tar.zst").ok();
    }

    /** What help and manual pages name is there. */
    private static void hasItsDocuments(CleanRoot root, String share, String aegis) throws IOException {
        String named =
                "(zcat %s/man/man1/aegis*.gz; %s doctor --help) | tr -d '\\\\' | grep -o 'docs/[A-Z-]*[.]md' | sort -u"
                        .formatted(share, aegis);
        String line = "cd " + share + "/doc/aegisvm && ls README.md CHANGELOG.md LICENSE copyright $(" + named + ")";
        assertThat(root.asUser(line).ok().text()).contains("docs/SECURITY-PROBES.md");
    }

    private static String needed(Path packages, String version) throws IOException {
        String depends = Tool.run("dpkg-deb", "-f", debianFile(packages, "aegisvm", version), "Depends");
        return depends.strip().replaceAll(" \\([^)]*\\)", "").replace(" ", "") + ",mount,procps";
    }

    private static String debianFile(Path packages, String name, String version) {
        return packages.resolve(name + "_" + version + "_amd64.deb").toString();
    }

    /** What it needs is there, so nothing is downloaded. */
    private static void install(CleanRoot root, Path packages, String version) throws IOException {
        for (String name : List.of("aegisvm", "aegisvm-guest")) {
            Tool.run(
                    "cp", debianFile(packages, name, version), root.path("/tmp").toString());
        }
        String files = "/tmp/aegisvm_" + version + "_amd64.deb /tmp/aegisvm-guest_" + version + "_amd64.deb";
        root.run("apt-get install -y --no-install-recommends " + files + " && rm " + files)
                .ok();
    }

    private static void saysHelloSoon(CleanRoot root, String aegis) throws IOException {
        long since = System.nanoTime();
        String said = root.asUser(aegis + " run -- echo hello").ok().text();
        Duration took = Duration.ofNanos(System.nanoTime() - since);
        assertThat(said).matches("aegis: starting aegisd…\n(aegis: VMs are emulated, .*\n)?hello\n");
        System.out.println("from there being a program to hello: " + took);
        assertThat(took).isLessThan(HELLO);
        assertThat(root.asUser(aegis + " run -- uname -s 2>/dev/null").ok().text())
                .isEqualTo("Linux\n");
        await().atMost(HELLO)
                .until(() -> root.asUser("ls .aegis/cache/templates").text().length() > 0);
    }

    private static void startsFromItsCaches(CleanRoot root, String builds, String bin) throws IOException {
        assertThat(strictly(root, builds, bin, "aegis", "version").ok().text()).startsWith("aegis ");
        assertThat(strictly(root, builds, bin, "aegisd", "--frob").text()).contains("unknown: --frob");
        assertThat(strictly(root, builds, bin, "aegis-mcp", "frob").text()).contains("takes no arguments");
    }

    /** With {@code AOTMode=on} the JVM starts from its cache or not at all. */
    private static CleanRoot.Said strictly(CleanRoot root, String builds, String bin, String program, String argument)
            throws IOException {
        return root.asUser("sh -c \"$(sed 's/-XX:AOTCache=/-XX:AOTMode=on &/' %s/*/%s)\" %s/%2$s %s"
                .formatted(builds, program, bin, argument));
    }

    private void isUpgradedUnderItsDaemon(CleanRoot root, Path packages, String version) throws Exception {
        String old = root.run("ls " + BUILDS).text().strip();
        root.asUser("aegis instance start --name box -- sleep infinity && aegis exec box -- touch /kept")
                .ok();
        BusyboxImage.make(directory.resolve("layout"), "a");
        Tool.run(
                "cp",
                "-r",
                directory.resolve("layout").toString(),
                root.path("/tmp").toString());
        root.run("chmod -R a+rX /tmp/layout").ok();

        Path newer = Files.createDirectory(directory.resolve("newer"));
        for (String name : List.of("aegisvm", "aegisvm-guest")) {
            String unpacked = directory.resolve(name).toString();
            Tool.run("dpkg-deb", "-R", debianFile(packages, name, version), unpacked);
            Tool.run("sh", "-c", CHANGE, "sh", version, version + ".1", unpacked);
            Tool.run("dpkg-deb", "-Zzstd", "-z1", "--build", unpacked, debianFile(newer, name, version + ".1"));
        }
        install(root, newer, version + ".1");
        assertThat(root.run("ls " + BUILDS).text().split("\n", -1))
                .contains(old)
                .hasSize(3);
        everyVerbIsAnswered(root);
        assertThat(root.asUser("AEGIS_METRICS_ADDR=127.0.0.1:19464 aegis up --restart")
                        .ok()
                        .text())
                .doesNotContain(OTHER_BUILD);
        assertThat(root.asUser("aegis exec box -- ls /kept").ok().text()).isEqualTo("/kept\n");
        root.run("/usr/lib/aegisvm/scripts/activate").ok();
        assertThat(root.run("ls " + BUILDS).text())
                .as("nobody uses the old one")
                .isEqualTo("0123456789abcdef\n");
    }

    /** By the daemon that was there before. */
    private static void everyVerbIsAnswered(CleanRoot root) throws IOException {
        for (String line : List.of(
                "status",
                "run -- true",
                "run --image oci:/tmp/layout:a -- true",
                "instance list",
                "instance info box",
                "instance stats box",
                "exec box -- true",
                "logs box",
                "events",
                "instance pause box",
                "instance resume box",
                "instance keepalive box",
                "secret list",
                "image list",
                "cp box:/etc/hostname /tmp/hostname",
                "instance stop box",
                "instance start --name box")) {
            assertThat(root.asUser("aegis " + line).ok().text())
                    .as(line)
                    .containsOnlyOnce(OTHER_BUILD)
                    .contains("aegis up --restart");
        }
    }
}
