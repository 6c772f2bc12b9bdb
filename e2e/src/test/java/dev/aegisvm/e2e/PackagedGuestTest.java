package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/prepare-guest} where a package has brought the guest ready made, with recipes of no bytes. */
class PackagedGuestTest {
    private static final Path GUEST = Path.of("../guest");
    private static final String HARNESS = "the harness";

    @TempDir
    Path directory;

    private Path root;
    private Path ready;
    private Path cache;

    @BeforeEach
    void install() throws Exception {
        root = directory.resolve("a & b");
        ready = Files.createDirectories(root.resolve("guest/ready"));
        cache = Files.createDirectory(directory.resolve("cache"));
        Files.createDirectory(root.resolve("scripts"));
        for (String script : List.of("prepare-guest", "progress.sh")) {
            Files.copy(Path.of("../scripts", script), root.resolve("scripts").resolve(script));
        }
        for (String recipe : List.of("kernel", "base", "initramfs")) {
            Path empty = Files.createDirectory(root.resolve("guest").resolve(recipe));
            try (Stream<Path> files = Files.list(GUEST.resolve(recipe))) {
                for (Path file : files.toList()) {
                    Files.createFile(empty.resolve(file.getFileName()));
                }
            }
        }
        Path harness =
                Files.createDirectories(root.resolve("guest/harness/build")).resolve("aegis-harness");
        Files.writeString(harness, HARNESS);
        Files.setPosixFilePermissions(harness, PosixFilePermissions.fromString("rwxr-xr-x"));
        bring("1");
    }

    /** What an installation of the package puts there. */
    private void bring(String version) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(HARNESS.getBytes(StandardCharsets.UTF_8));
        StringBuilder properties =
                new StringBuilder("# inputs " + HexFormat.of().formatHex(digest, 0, 8) + "\n");
        for (String part : List.of("kernel", "initramfs", "base")) {
            Files.writeString(ready.resolve(part + "-" + version), "");
            properties.append(part + "=" + part + "-" + version + "\n");
        }
        Files.writeString(ready.resolve("guest.properties"), properties);
    }

    private Properties prepared() throws IOException {
        Tool.run(
                "env",
                "AEGIS_CACHE=" + cache,
                root.resolve("scripts/prepare-guest").toString());
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(cache.resolve("guest.properties"))) {
            properties.load(reader);
        }
        return properties;
    }

    @Test
    void itIsUsedWhereItLies() throws Exception {
        for (String part : List.of("kernel", "initramfs", "base")) {
            assertThat(prepared()).containsEntry(part, ready + "/" + part + "-1");
        }
        assertThat(cache).isDirectoryNotContaining("glob:**-1");
    }

    @Test
    void aNewerOneTakesItsPlace() throws Exception {
        prepared();
        bring("2");
        assertThat(prepared()).containsEntry("base", ready + "/base-2");
    }

    @Test
    void aGuestOfTheUsersOwnStays() throws Exception {
        prepared();
        Path list = cache.resolve("guest.properties");
        for (String part : List.of("kernel", "initramfs", "base")) {
            Files.writeString(cache.resolve(part + "-1"), "");
        }
        Files.writeString(list, Files.readString(list).replace(ready.toString(), cache.toString()));
        assertThat(prepared()).containsEntry("kernel", cache + "/kernel-1");
    }
}
