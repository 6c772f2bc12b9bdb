package dev.aegisvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.BrokenOff;
import dev.aegisvm.daemon.guest.RealHarness;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees of a guest as tar streams over the API. The guest is the harness's own program, its files are this machine's. */
@Timeout(120)
class TarTest {
    private static final String TAR = "/v1/instances/box/files/tar?path=";

    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private Http http;
    private Path place;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, UTF_8.name());

    @BeforeAll
    static void build() throws Exception {
        RealHarness.build();
    }

    @BeforeEach
    void open() throws Exception {
        place = Files.createDirectory(directory.resolve("guest"));
        daemon = DaemonHarness.openWithHarness(directory);
        http = daemon.http;
        daemon.create("{\"command\":[\"sleep\",\"1000\"],\"handle\":\"box\",\"cwd\":\"/\"}");
        daemon.awaitState("box", "running");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private void add(String name, byte type, String linkOrContent, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        byte[] content = type == TarConstants.LF_NORMAL ? linkOrContent.getBytes(UTF_8) : new byte[0];
        if (type != TarConstants.LF_NORMAL) {
            entry.setLinkName(linkOrContent);
        }
        entry.setSize(content.length);
        entry.setMode(mode);
        entry.setLastModifiedTime(FileTime.from(Instant.parse("2020-01-02T03:04:05Z")));
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private Http.Answer unpack() throws IOException {
        tar.finish();
        return http.put(TAR + place, bytes.toByteArray());
    }

    @Test
    void aTreeIsUnpacked() throws IOException {
        Files.createSymbolicLink(place.resolve("link"), Path.of("elsewhere"));
        add("./", TarConstants.LF_DIR, "", 0755);
        add("./d/", TarConstants.LF_DIR, "", 0500);
        add("./d/f", TarConstants.LF_NORMAL, "content", 04711);
        add("deep/er/f", TarConstants.LF_NORMAL, "", 0600);
        add("/absolute", TarConstants.LF_NORMAL, "below all the same", 0644);
        add("link", TarConstants.LF_SYMLINK, "d/f", 0777);
        add("hard", TarConstants.LF_LINK, "d/f", 0644);

        Http.Answer answer = unpack();

        assertThat(answer)
                .isEqualTo(new Http.Answer(200, "{\"files\":4,\"directories\":1,\"symlinks\":1,\"bytes\":32}"));
        assertThat(Files.readString(place.resolve("d/f"))).isEqualTo("content");
        assertThat(Files.getLastModifiedTime(place.resolve("d/f")).toInstant())
                .isEqualTo(Instant.parse("2020-01-02T03:04:05Z"));
        assertThat((int) Files.getAttribute(place.resolve("d/f"), "unix:mode") & 07777)
                .isEqualTo(0711);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place.resolve("d"))))
                .isEqualTo("rwx------");
        assertThat(place.resolve("deep/er/f")).isEmptyFile();
        assertThat(Files.readString(place.resolve("absolute"))).startsWith("below");
        assertThat(Files.readSymbolicLink(place.resolve("link"))).hasToString("d/f");
        assertThat(Files.readString(place.resolve("hard"))).isEqualTo("content");
        assertThat(Files.isSymbolicLink(place.resolve("hard"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../out", "a/../../out", ".."})
    void aNameThatLeadsOutIsRefused(String name) throws IOException {
        add("before", TarConstants.LF_NORMAL, "x", 0644);
        add(name, TarConstants.LF_NORMAL, "x", 0644);
        Http.Answer answer = unpack();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("leads outside its target");
        assertThat(directory.resolve("out")).doesNotExist();
        assertThat(place.resolve("before")).exists();
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        add("fifo", TarConstants.LF_FIFO, "", 0644);
        assertThat(unpack().body()).contains("bad_request", "/guest in the guest: fifo: not a file, directory or link");
    }

    @Test
    void whatIsNoTarOrIsCutShortIsRefused() throws IOException {
        byte[] gzip = new byte[2000];
        gzip[0] = 0x1f;
        gzip[1] = (byte) 0x8b;
        assertThat(http.put(TAR + place, gzip).body()).contains("bad_request", "not a tar stream", "decompress it");
        add("f", TarConstants.LF_NORMAL, "x".repeat(3000), 0644);
        tar.finish();
        byte[] half = java.util.Arrays.copyOf(bytes.toByteArray(), 2000);
        assertThat(http.put(TAR + place, half).body()).contains("bad_request", "f: the tar stream is cut short");
        // The worker removes what it has begun when it has learnt that there will be no more.
        await().untilAsserted(() -> assertThat(place).isEmptyDirectory());
    }

    @Test
    void aTreeIsPacked() throws IOException {
        Path tree = Files.createDirectories(place.resolve("tree/sub/" + "long".repeat(40)));
        Files.writeString(tree.resolve("ünï"), "content");
        Files.createSymbolicLink(place.resolve("tree/link"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(place.resolve("way"), Path.of("tree"));

        assertThat(packed("tree"))
                .containsExactly(
                        Map.entry("tree/", ""),
                        Map.entry("tree/link", "-> /etc/passwd"),
                        Map.entry("tree/sub/", ""),
                        Map.entry("tree/sub/" + "long".repeat(40) + "/", ""),
                        Map.entry("tree/sub/" + "long".repeat(40) + "/ünï", "content"));
        assertThat(packed("way")).containsKeys("way/", "way/link");
        assertThat(packed("tree/.")).containsKeys("./", "./link");
        assertThat(packed("tree/link")).containsOnlyKeys("link");
    }

    private Map<String, String> packed(String name) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (Http.Connection answer = http.open("GET", TAR + place.resolve(name), "", "");
                TarArchiveInputStream read =
                        new TarArchiveInputStream(new ByteArrayInputStream(answer.bytes()), UTF_8.name())) {
            assertThat(answer.status()).isEqualTo(200);
            for (TarArchiveEntry entry = read.getNextEntry(); entry != null; entry = read.getNextEntry()) {
                String target = entry.isSymbolicLink() ? "-> " + entry.getLinkName() : "";
                entries.put(entry.getName(), target + new String(read.readAllBytes(), UTF_8));
            }
        }
        return entries;
    }

    @Test
    void whatCannotBePackedIsRefusedBeforeTheAnswerBegins() throws IOException {
        assertThat(http.get(TAR + place + "/none"))
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(404))
                .satisfies(refused -> assertThat(refused.body()).contains("file_not_found", "no such file"));
        assertThat(http.get(TAR + "/dev/null").body()).contains("file_refused", "neither a file nor a directory");
    }

    @Test
    @Timeout(30)
    void aTreeThatIsDeeperThanAPathIsLongSaysSo() throws Exception {
        makeTree(400, 100);
        try {
            assertThat(reasonForTheEnd()).contains("file_refused", "d/" + "d".repeat(100), "the path is too long");
        } finally {
            // Java cannot remove what it cannot name.
            run("rm", "-rf", "d".repeat(100));
        }
    }

    @Test
    @Timeout(30)
    void aTreeOfTooManyLevelsSaysSo() throws Exception {
        makeTree(500, 1);
        assertThat(reasonForTheEnd())
                .contains("file_refused", "d/d/d/d/", "too many symlinks, or too deep a tree")
                .doesNotContain("d/".repeat(402));
    }

    /**
     * A deep tree with more content than the harness's pipe holds, so an archive of it has begun when the depth is
     * refused: the directory is listed last in each level, or in one of them at least.
     */
    private void makeTree(int levels, int nameLength) throws Exception {
        String name = "'d' x " + nameLength;
        String script = "for (1.." + levels + ") { if ($_ < 35) { open(F, '>', 'f'); print F 'x' x 300000; close F; }"
                + " mkdir " + name + "; chdir " + name + " or die; }";
        run("perl", "-e", script);
    }

    /** Why the archive of the place, of which much has been sent, is not whole. */
    private String reasonForTheEnd() throws IOException {
        try (Http.Connection answer = http.open("GET", TAR + place, "", "")) {
            String all = new String(answer.in.readAllBytes(), UTF_8);
            String last = all.substring(all.lastIndexOf("\r\n", all.length() - 3) + 2);
            return BrokenOff.error(last.strip()).orElseThrow();
        }
    }

    private void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).directory(place.toFile()).start().waitFor())
                .isZero();
    }
}
