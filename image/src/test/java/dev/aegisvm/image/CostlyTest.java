package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import com.github.luben.zstd.Zstd;
import dev.aegisvm.image.ImageException.Reason;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that cost far more than they weigh: each is refused within seconds, and says why. */
@Timeout(30)
class CostlyTest {
    @TempDir
    Path directory;

    private HandmadeLayout layout;

    @BeforeEach
    void emptyLayout() throws IOException {
        layout = new HandmadeLayout(directory.resolve("layout"));
    }

    private ImageCache images(ImageLimits limits) throws ImageException {
        return new ImageCache(
                directory.resolve("cache"), TestMaker.NO_LOGINS, limits, TestMaker.with(), TestMaker.NO_OWN);
    }

    private void layerRefused(Reason reason, String why) throws Exception {
        layerRefused(reason, why, ImageLimits.DEFAULT);
    }

    private void layerRefused(Reason reason, String why, ImageLimits limits) throws Exception {
        try (ImageCache images = images(limits)) {
            ImageReference reference = new ImageReference.InLayout(layout.directory(), Optional.of("t"));
            refused(() -> images.get(reference, PullListener.NONE), reason, why);
        }
    }

    private void archiveRefused(byte[] archive, Reason reason, String why) throws Exception {
        Path file = directory.resolve("archive.tar");
        Files.write(file, archive);
        try (ImageCache images = images(ImageLimits.DEFAULT)) {
            refused(() -> images.load(file, PullListener.NONE), reason, why);
        }
        try (Stream<Path> left = Files.walk(directory.resolve("cache"))) {
            assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("load-"));
        }
    }

    private static void refused(Callable<?> work, Reason reason, String why) {
        assertThatThrownBy(work::call)
                .asInstanceOf(InstanceOfAssertFactories.throwable(ImageException.class))
                .hasMessageContaining(why)
                .extracting(ImageException::reason)
                .isEqualTo(reason);
    }

    /** Each link leads 2000 directories down; the tree was written by recursion, and the pull never ended. */
    @Test
    void linksThatLeadEverDeeper() throws Exception {
        TarOf tar = new TarOf();
        String at = "";
        for (int i = 0; i < 20; i++) {
            tar.symlink(at + "l" + i, "b/".repeat(2000) + "b");
            at = at + "l" + i + "/";
        }
        layout.image("t", "{}", tar.file(at + "end", "").bytes());
        layerRefused(Reason.BROKEN, "longer than 4095 bytes");
    }

    /** Forty links of 2000 names each on the way to each name. */
    @Test
    void linksThatTakeForever() throws Exception {
        TarOf tar = new TarOf().directory("x", 0755);
        for (int i = 0; i < 39; i++) {
            tar.symlink("l" + i, "x/../".repeat(800) + "l" + (i + 1));
        }
        tar.symlink("l39", "x");
        for (int i = 0; i < 1000; i++) {
            tar.file("l0/" + i, "");
        }
        layout.image("t", "{}", tar.bytes());
        layerRefused(Reason.TOO_LARGE, "too many directories");
    }

    @Test
    void deepPathsThatNobodyDescribed() throws Exception {
        TarOf tar = new TarOf();
        for (int i = 0; i < 60; i++) {
            tar.file("d" + i + "/a".repeat(2000), "");
        }
        layout.image("t", "{}", tar.bytes());
        layerRefused(Reason.TOO_LARGE, "parent directories that no layer lists");
    }

    @Test
    void namesWithoutEnd() throws Exception {
        byte[] whole = new TarOf().xattr("f", "user.a", "a".repeat(1 << 20)).bytes();
        // A header, the attribute's record, a header and the content, in whole blocks.
        byte[] one = Arrays.copyOf(whole, (1 << 20) + 512 * 4);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 140; i++) {
            many.writeBytes(one);
        }
        layout.image("t", "{}", many.toByteArray());
        layerRefused(Reason.TOO_LARGE, "names, links and attributes");
    }

    /** Its bytes are in no layer, so that neither size nor ratio of a layer tells of it. */
    @Test
    void aSparseFileOfManyGigabytes() throws Exception {
        byte[] tar = HostileTest.header(new TarOf().file("x", "").bytes(), 'S', "0", header -> {
            put(header, 257, "ustar  ");
            put(header, 264, "\0");
            put(header, 386, "77777777777");
            put(header, 398, "00000000000");
            put(header, 483, "77777777777");
        });
        layout.image("t", "{}", tar);
        layerRefused(Reason.TOO_LARGE, "sparse files", new ImageLimits(1L << 30, 100, 200, 1 << 20));
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    @Test
    void anArchiveWithANameOfGigabytes() throws Exception {
        byte[] start = HostileTest.header(new TarOf().file("x", "").bytes(), 'L', "14000000000", header -> {});
        archiveRefused(Arrays.copyOf(start, 8192), Reason.BROKEN, "");
        archiveRefused(Zstd.compress(Arrays.copyOf(start, 64 << 20)), Reason.BROKEN, "headers are longer");
    }

    @Test
    void anArchiveOfVeryManyFiles() throws Exception {
        TarOf tar = new TarOf();
        for (int i = 0; i < 100_000; i++) {
            tar.file("f" + i, "");
        }
        archiveRefused(tar.bytes(), Reason.TOO_LARGE, "more than 20000 files");
    }

    @Test
    void anArchiveOfDeepPaths() throws Exception {
        TarOf tar = new TarOf();
        for (int i = 0; i < 100; i++) {
            tar.file("d" + i + "/a".repeat(1000), "");
        }
        archiveRefused(tar.bytes(), Reason.BROKEN, "neither an OCI layout nor");
    }

    @Test
    void aTextIsNoArchive() throws Exception {
        archiveRefused("a note\n".getBytes(StandardCharsets.UTF_8), Reason.BROKEN, "archive.tar is not a tar archive");
        archiveRefused("a note\n".repeat(200).getBytes(StandardCharsets.UTF_8), Reason.BROKEN, "is not a tar archive");
        archiveRefused(new byte[10_240], Reason.BROKEN, "neither an OCI layout nor");
    }

    @Test
    void anArchiveWhoseLinksGoRound() throws Exception {
        byte[] tar = new TarOf()
                .symlink("manifest.json", "b")
                .symlink("b", "manifest.json")
                .bytes();
        archiveRefused(tar, Reason.BROKEN, "is part of a loop");
    }

    @Test
    void documentsWithNothingWhereSomethingShouldBe() throws Exception {
        layout.image("t", "{\"Env\":[null]}", new TarOf().file("a", "").bytes());
        layerRefused(Reason.BROKEN, "an entry that is null");
        byte[] nothing = new TarOf()
                .file("manifest.json", "[{\"RepoTags\":[\"a:1\",null]}]")
                .bytes();
        archiveRefused(nothing, Reason.BROKEN, "an entry that is null");
    }

    @Test
    void aDocumentOfVeryManyValues() throws Exception {
        String many = "[" + "{},".repeat(1_000_000) + "{}]";
        archiveRefused(new TarOf().file("manifest.json", many).bytes(), Reason.BROKEN, "more than 50000 values");
    }
}
