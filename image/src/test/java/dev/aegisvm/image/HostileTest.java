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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ImageCache that nobody would build by accident: each is refused with a reason, and nothing of it stays. */
class HostileTest {
    @TempDir
    Path directory;

    private HandmadeLayout layout;

    @BeforeEach
    void emptyLayout() throws IOException {
        layout = new HandmadeLayout(directory.resolve("layout"));
    }

    private void refused(Reason reason, String why) throws Exception {
        refused(reason, why, ImageLimits.DEFAULT);
    }

    private void refused(Reason reason, String why, ImageLimits limits) throws Exception {
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"), TestMaker.NO_LOGINS, limits, TestMaker.with(), TestMaker.NO_OWN)) {
            ImageReference reference = new ImageReference.InLayout(layout.directory(), Optional.of("t"));
            assertThatThrownBy(() -> images.get(reference, PullListener.NONE))
                    .asInstanceOf(InstanceOfAssertFactories.throwable(ImageException.class))
                    .hasMessageContaining(why)
                    .extracting(ImageException::reason)
                    .isEqualTo(reason);
            assertThat(images.list()).isEmpty();
            try (Stream<Path> left = Files.list(directory.resolve("cache/making"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    private static byte[] header(byte[] tar, char type, String size) {
        return header(tar, type, size, odd -> {});
    }

    /** A tar whose first header is changed, and has a checksum that is right. */
    static byte[] header(byte[] tar, char type, String size, Consumer<byte[]> more) {
        byte[] odd = tar.clone();
        more.accept(odd);
        odd[156] = (byte) type;
        byte[] digits = size.getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(odd, 124, 136, (byte) 0);
        System.arraycopy(digits, 0, odd, 124, digits.length);
        Arrays.fill(odd, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += odd[i] & 0xff;
        }
        byte[] check = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(check, 0, odd, 148, check.length);
        return odd;
    }

    @Test
    void aNameOfGigabytes() throws Exception {
        byte[] start = header(new TarOf().file("x", "").bytes(), 'L', "77777777777");
        byte[] endless = Arrays.copyOf(start, 8 * 1024 * 1024);
        layout.image("t", "{}", endless);
        refused(Reason.BROKEN, "headers are longer");
    }

    @Test
    void anExtendedHeaderOfGigabytes() throws Exception {
        byte[] start = header(new TarOf().file("x", "").bytes(), 'x', "77777777777");
        byte[] record = "9000000000 comment=".getBytes(StandardCharsets.US_ASCII);
        byte[] endless = Arrays.copyOf(start, 8 * 1024 * 1024);
        System.arraycopy(record, 0, endless, 512, record.length);
        layout.image("t", "{}", endless);
        refused(Reason.BROKEN, "");
    }

    @Test
    void aNameThatIsTooLong() throws Exception {
        layout.image("t", "{}", new TarOf().file("a/".repeat(3000) + "b", "").bytes());
        refused(Reason.BROKEN, "longer than 4095");
    }

    @Test
    void aHardLinkToNothing() throws Exception {
        layout.image("t", "{}", new TarOf().hardLink("a", "/etc/shadow").bytes());
        refused(Reason.BROKEN, "which does not exist");
    }

    @Test
    void linksInACircle() throws Exception {
        byte[] tar = new TarOf()
                .symlink("a", "b")
                .symlink("b", "a")
                .file("a/file", "x")
                .bytes();
        layout.image("t", "{}", tar);
        refused(Reason.BROKEN, "too many symbolic links");
    }

    @Test
    void aKindThatNobodyKnows() throws Exception {
        layout.image("t", "{}", header(new TarOf().file("x", "").bytes(), 'Z', "0"));
        refused(Reason.BROKEN, "unknown type");
    }

    @Test
    void aWhiteoutOfTheParent() throws Exception {
        layout.image("t", "{}", new TarOf().file("a/.wh...", "").bytes());
        refused(Reason.BROKEN, "an invalid name");
    }

    @Test
    void tooManyFiles() throws Exception {
        layout.image(
                "t", "{}", new TarOf().file("a", "").file("b", "").file("c", "").bytes());
        refused(Reason.TOO_LARGE, "more than 2 files", new ImageLimits(1 << 30, 2, 200, 1 << 20));
    }

    @Test
    void tooManyBytesInAllLayersTogether() throws Exception {
        byte[] tar = new TarOf().file("a", 0644, new byte[3 * 1024 * 1024]).bytes();
        layout.image("t", "{}", tar, tar);
        refused(Reason.TOO_LARGE, "more than 4 MB", new ImageLimits(4 << 20, 100, 100_000, 1 << 30));
    }

    @Test
    void aZstdBomb() throws Exception {
        byte[] tar = new TarOf().file("a", 0644, new byte[64 * 1024 * 1024]).bytes();
        layout.image("t", "{}", List.of(tar), List.of(Zstd.compress(tar, 19)));
        refused(Reason.TOO_LARGE, "times when", new ImageLimits(1L << 40, 100, 200, 1 << 20));
    }

    @Test
    void aLayerThatIsNotWhatItsDigestSays() throws Exception {
        byte[] tar = new TarOf().file("a", "x").bytes();
        layout.image("t", "{}", tar);
        Path blob = layout.directory()
                .resolve("blobs/sha256")
                .resolve(dev.aegisvm.image.rootfs.Digest.of(HandmadeLayout.gzip(tar))
                        .hex());
        Files.write(blob, HandmadeLayout.gzip(new TarOf().file("a", "y").bytes()));
        refused(Reason.BROKEN, "is not what its digest says");
    }

    @Test
    void aLayerThatIsNotTheOneOfTheConfiguration() throws Exception {
        byte[] promised = new TarOf().file("a", "x").bytes();
        byte[] other = new TarOf().file("a", "y").bytes();
        layout.image("t", "{}", List.of(promised), List.of(HandmadeLayout.gzip(other)));
        refused(Reason.BROKEN, "an uncompressed layer is not what its digest says");
    }

    @Test
    void aLayerThatIsCutShort() throws Exception {
        byte[] tar = new TarOf().file("a", 0644, new byte[100_000]).bytes();
        byte[] whole = HandmadeLayout.gzip(tar);
        layout.image("t", "{}", List.of(tar), List.of(Arrays.copyOf(whole, whole.length / 2)));
        refused(Reason.BROKEN, "");
    }

    @Test
    void documentsThatNestWithoutEnd() throws Exception {
        layout.image("t", "[".repeat(100_000), new TarOf().bytes());
        refused(Reason.BROKEN, "nested too deep");
    }

    @Test
    void documentsThatHideHowDeepTheyNest() throws Exception {
        layout.image("t", "{\"x\":1\",\"y\":" + "[".repeat(100_000) + "\"}", new TarOf().bytes());
        refused(Reason.BROKEN, "not well-formed");
    }

    /** The parser takes the quote for the second byte of the character, and goes on one string later than others. */
    @Test
    void anArchiveThatHidesItsDepthBehindHalfACharacter() throws Exception {
        String contents = "[{\"Config\":\"\u00c3\",\",\",\":" + "[".repeat(100_000) + "\"}]";
        Path archive = directory.resolve("half.tar");
        TarOf files = new TarOf().file("manifest.json", 0644, contents.getBytes(StandardCharsets.ISO_8859_1));
        Files.write(archive, files.bytes());
        archiveRefused(archive, Reason.BROKEN, "not well-formed", ImageLimits.DEFAULT);
    }

    /** Where a list should be, the parser takes a bracket in a string for its begin: for JsonShape it is one value. */
    @Test
    void documentsThatHideTheirValuesInAString() throws Exception {
        String many = "\"[" + "{},".repeat(1_000_000) + "{}]\"";
        layout.image("t", "{}", new TarOf().bytes());
        Files.writeString(layout.directory().resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":" + many + "}");
        refused(Reason.BROKEN, "a string is where a list or an object should be");
        for (String contents : List.of(many, "[{\"Config\":\"c.json\",\"Layers\":\"[null,null]\"}]", "[\"{}\"]")) {
            Path archive = directory.resolve("string.tar");
            Files.write(archive, new TarOf().file("manifest.json", contents).bytes());
            archiveRefused(
                    archive, Reason.BROKEN, "a string is where a list or an object should be", ImageLimits.DEFAULT);
        }
    }

    @Test
    void aLayoutThatNamesAFileOutside() throws Exception {
        Files.writeString(
                layout.directory().resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:../../../etc/passwd\",\"size\":1}]}");
        Files.writeString(directory.resolve("layout/oci-layout"), "{}");
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"),
                TestMaker.NO_LOGINS,
                ImageLimits.DEFAULT,
                TestMaker.with(),
                TestMaker.NO_OWN)) {
            ImageReference reference = new ImageReference.InLayout(layout.directory(), Optional.empty());
            assertThatThrownBy(() -> images.get(reference, PullListener.NONE))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("not a SHA-256 digest");
        }
    }

    @Test
    void aBombWhoseManifestSaysThatItIsLarge() throws Exception {
        byte[] tar = new TarOf().file("a", 0644, new byte[64 * 1024 * 1024]).bytes();
        layout.claimSizes(1L << 50);
        layout.image("t", "{}", List.of(tar), List.of(Zstd.compress(tar, 19)));
        refused(Reason.TOO_LARGE, "according to its manifest");
    }

    @Test
    void aLayerOfLessThanNoBytes() throws Exception {
        layout.claimSizes(-1);
        layout.image("t", "{}", new TarOf().file("a", "x").bytes());
        refused(Reason.BROKEN, "negative size");
    }

    private void archiveRefused(Path archive, Reason reason, String why, ImageLimits limits) throws Exception {
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"), TestMaker.NO_LOGINS, limits, TestMaker.with(), TestMaker.NO_OWN)) {
            assertThatThrownBy(() -> images.load(archive, PullListener.NONE))
                    .asInstanceOf(InstanceOfAssertFactories.throwable(ImageException.class))
                    .hasMessageContaining(why)
                    .extracting(ImageException::reason)
                    .isEqualTo(reason);
        }
    }

    @Test
    void anArchiveThatIsABomb() throws Exception {
        Path archive = directory.resolve("bomb.tar.zst");
        Files.write(archive, Zstd.compress(new byte[64 * 1024 * 1024], 19));
        ImageLimits limits = new ImageLimits(1L << 40, 100, 200, 1 << 20);
        archiveRefused(archive, Reason.TOO_LARGE, "times when", limits);
    }

    @Test
    void anArchiveWhoseTableOfContentsHasNothing() throws Exception {
        Path archive = directory.resolve("null.tar");
        Files.write(archive, new TarOf().file("manifest.json", "[null]").bytes());
        archiveRefused(archive, Reason.BROKEN, "an entry that is null", ImageLimits.DEFAULT);
    }

    /** The parser skips the quote after the 1 with the field that it does not know; for JsonShape a string begins. */
    @ParameterizedTest
    @ValueSource(strings = {"\"RepoTags\":[null],\"Layers\":[]", "\"RepoTags\":[\"app:1\"],\"Layers\":[null]"})
    void anArchiveWhoseNullsAreHidden(String lists) throws Exception {
        Path archive = directory.resolve("hidden.tar");
        TarOf files = new TarOf().file("c.json", "{}");
        files.file("manifest.json", "[{\"x\":1\",\"Config\":\"c.json\"," + lists + "}]\"");
        Files.write(archive, files.bytes());
        archiveRefused(archive, Reason.BROKEN, "not well-formed", ImageLimits.DEFAULT);
    }

    @Test
    void anArchiveWithAnImageThatIsAHiddenNull() throws Exception {
        Path archive = directory.resolve("hidden.tar");
        Files.write(
                archive,
                new TarOf().file("manifest.json", "[{\"x\":1\"},null]\"").bytes());
        archiveRefused(archive, Reason.BROKEN, "not well-formed", ImageLimits.DEFAULT);
    }

    @Test
    @Timeout(10)
    void anArchiveThatIsADevice() throws Exception {
        archiveRefused(Path.of("/dev/zero"), Reason.BROKEN, "is not a file", ImageLimits.DEFAULT);
    }
}
