package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a merge makes of layers, against what umoci makes of them. Only root can unpack owners and devices; those are compared when
 * root runs this.
 */
class MergeTest {
    private static final boolean ROOT = System.getProperty("user.name").equals("root");
    private static final String DEVICE = "/d/null";
    private static final String CONFIG = "{\"Env\":[\"A=1\",\"B=x=y\"],\"WorkingDir\":\"/srv\",\"User\":\"7:8\","
            + "\"Entrypoint\":[\"/bin/sh\",\"-c\"],\"Cmd\":[\"true\"]}";

    @TempDir
    Path directory;

    private Path image(HandmadeLayout layout) throws Exception {
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"),
                TestMaker.NO_LOGINS,
                ImageLimits.DEFAULT,
                TestMaker.with(),
                TestMaker.NO_OWN)) {
            return images.get(new ImageReference.InLayout(layout.directory(), Optional.of("t")), PullListener.NONE)
                    .root();
        }
    }

    private static Map<String, String> unpacked(Path image, Path tree) throws IOException {
        String preserve = ROOT ? "--preserve" : "--preserve-perms";
        Tool.run("fsck.erofs", "--xattrs", preserve, "--extract=" + tree, image.toString());
        return Trees.of(tree);
    }

    private Map<String, String> umocis(HandmadeLayout layout) throws IOException {
        Path bundle = directory.resolve("bundle");
        String image = layout.directory() + ":t";
        // It creates the directories that no layer names with what the umask leaves, which is 0002 for many users.
        String command = "umask 022; umoci unpack --rootless=%s --image '%s' '%s'".formatted(!ROOT, image, bundle);
        Tool.run("sh", "-c", command);
        return Trees.of(bundle.resolve("rootfs"));
    }

    /** Returns our image. */
    private Path assertSame(byte[]... layers) throws Exception {
        HandmadeLayout layout = new HandmadeLayout(directory.resolve("layout"));
        layout.image("t", "{}", layers);
        Path image = image(layout);
        Map<String, String> umocis = umocis(layout);
        if (!ROOT) {
            // An empty file in the place of a device, where fsck.erofs makes nothing.
            umocis.remove(DEVICE);
        }
        assertThat(unpacked(image, directory.resolve("ours"))).isEqualTo(umocis);
        return image;
    }

    private static String described(Path image, String path) throws IOException {
        return Tool.run("dump.erofs", "--path=" + path, image.toString());
    }

    @Test
    void kindsOwnersModesLinksAndAttributes() throws Exception {
        String longName = "d/" + "n".repeat(200) + "/" + "m".repeat(150);
        // The 99th letter, the last that fits a tar's header, is the slash.
        String slashAtTheCut = "s".repeat(98) + "/below";
        Path image = assertSame(new TarOf()
                .directory(".", 0755)
                .directory("d", 01777)
                .directory("d/" + "n".repeat(200), 0700)
                .file(longName, "long")
                .file(slashAtTheCut, "content")
                .owned("d/owned", 3_000_000_000L, 4_000_000_000L)
                .xattr("d/attributes", "user.note", "\u00e4 value")
                .symlink("d/link", "../../../outside")
                .symlink("d/long-link", "x/".repeat(120) + "y")
                .hardLink("d/again", "d/owned")
                .hardLink("d/same-link", "d/link")
                .device(DEVICE.substring(1), 1, 3)
                .fifo("d/pipe")
                .file("empty", "")
                .bytes());
        assertThat(described(image, "/d/owned")).contains("Uid: 3000000000   Gid: 4000000000");
        assertThat(described(image, DEVICE)).contains("char dev");
    }

    @Test
    void whiteoutsHideWhatIsBelowAndNothingElse() throws Exception {
        assertSame(
                new TarOf()
                        .directory("a", 0755)
                        .file("a/1", "1")
                        .file("a/2", "2")
                        .directory("b", 0755)
                        .directory("b/deep", 0755)
                        .file("b/deep/3", "3")
                        .file("gone", "x")
                        .bytes(),
                new TarOf()
                        .directory("a", 0750)
                        .file("a/new", "new")
                        .file("a/.wh..wh..opq", "")
                        .file("a/also-new", "new")
                        .directory("b", 0755)
                        .file("b/.wh.deep", "")
                        .file(".wh.gone", "")
                        .file(".wh.never-there", "")
                        .bytes(),
                new TarOf().file("gone", "back again").bytes());
    }

    @Test
    void aHardLinkKeepsTheContentThatAnUpperLayerReplaced() throws Exception {
        assertSame(
                new TarOf()
                        .file("a", "lower")
                        .hardLink("b", "a")
                        .hardLink("c", "b")
                        .bytes(),
                new TarOf().file("a", "upper").hardLink("d", "c").bytes());
    }

    /** {@code umoci insert} of a file makes a layer that ends with the file's last byte. */
    @Test
    void aTarNeedNotFillItsLastBlock() throws Exception {
        byte[] whole = new TarOf().file("a", "first").file("b", "last").bytes();
        assertSame(Arrays.copyOf(whole, 3 * 512 + "last".length()));
    }

    @Test
    void kindsReplaceEachOther() throws Exception {
        assertSame(
                new TarOf()
                        .file("file-to-directory", "x")
                        .directory("directory-to-file", 0755)
                        .file("directory-to-file/inside", "x")
                        .directory("directory-to-link", 0755)
                        .symlink("link-to-file", "file-to-directory")
                        .symlink("link-to-directory", "directory-to-file")
                        .file("twice", "first")
                        .hardLink("of-the-first", "twice")
                        .file("twice", "second")
                        .bytes(),
                new TarOf()
                        .directory("file-to-directory", 0711)
                        .file("file-to-directory/inside", "y")
                        .file("directory-to-file", "y")
                        .symlink("directory-to-link", "link-to-file")
                        .file("link-to-file", "y")
                        .directory("link-to-directory", 0755)
                        .file("link-to-directory/inside", "y")
                        .bytes());
    }

    @Test
    void namesStayInsideTheImage() throws Exception {
        assertSame(
                new TarOf()
                        .directory("usr", 0755)
                        .directory("usr/bin", 0755)
                        .symlink("bin", "usr/bin")
                        .symlink("root-link", "/usr")
                        .symlink("escape", "../../../../usr")
                        .file("etc-passwd", "inside")
                        .bytes(),
                new TarOf()
                        .file("bin/through-a-link", "1")
                        .file("root-link/absolute", "2")
                        .file("escape/upwards", "3")
                        .file("/leading/slash", "4")
                        .file("../../above", "5")
                        .file("usr/../dots", "6")
                        .hardLink("link-out", "../../etc-passwd")
                        .file("bin/.wh.never", "")
                        .bytes());
    }

    @Test
    void namesAreBytes() throws Exception {
        HandmadeLayout layout = new HandmadeLayout(directory.resolve("layout"));
        String name = "no UTF-8: \u00ff\u00fe";
        layout.image("t", CONFIG, new TarOf().file(name, "x").bytes());
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"),
                TestMaker.NO_LOGINS,
                ImageLimits.DEFAULT,
                TestMaker.with(),
                TestMaker.NO_OWN)) {
            Image image = images.get(ImageReference.parse("oci:" + layout.directory() + ":t"), PullListener.NONE);
            try (var in = Files.newInputStream(image.root())) {
                String bytes = new String(in.readNBytes((int) image.size()), StandardCharsets.ISO_8859_1);
                assertThat(bytes).contains(name);
            }
        }
    }

    @Test
    void theWorkingDirectoryIsThereWhereNothingIsInItsPlace() throws Exception {
        String owner = ROOT
                ? " 0:0"
                : " " + Files.getAttribute(directory, "unix:uid") + ":" + Files.getAttribute(directory, "unix:gid");
        assertThat(withWorkdir("/a/b/c", new TarOf().directory("a", 0700)))
                .containsEntry("/a", "40700" + owner)
                .containsEntry("/a/b", "40755" + owner)
                .containsEntry("/a/b/c", "40755" + owner);
        assertThat(withWorkdir("link/new", new TarOf().directory("a", 0700).symlink("link", "/a")))
                .containsEntry("/a/new", "40755" + owner);
        assertThat(withWorkdir("/file/new", new TarOf().file("file", "x"))).containsOnlyKeys("/", "/file");
        assertThat(withWorkdir("/../..", new TarOf().file("file", "x"))).containsOnlyKeys("/", "/file");
    }

    private Map<String, String> withWorkdir(String workdir, TarOf layer) throws Exception {
        Path here = Files.createTempDirectory(directory, "workdir-");
        HandmadeLayout layout = new HandmadeLayout(here);
        layout.image("t", "{\"WorkingDir\":\"" + workdir + "\"}", layer.bytes());
        return unpacked(image(layout), here.resolve("tree"));
    }

    @Test
    void whatTheConfigurationSays() throws Exception {
        HandmadeLayout layout = new HandmadeLayout(directory.resolve("layout"));
        String digest = layout.image("t", CONFIG, new TarOf().file("f", "x").bytes());
        try (ImageCache images = new ImageCache(
                directory.resolve("cache"),
                TestMaker.NO_LOGINS,
                ImageLimits.DEFAULT,
                TestMaker.with(),
                TestMaker.NO_OWN)) {
            ImageReference reference = ImageReference.parse("oci:" + layout.directory() + ":t");
            Image image = images.get(reference, PullListener.NONE);
            assertThat(image.digest()).isEqualTo(digest);
            assertThat(image.config())
                    .isEqualTo(new Image.Config(
                            Map.of("A", "1", "B", "x=y"), "/srv", "7:8", List.of("/bin/sh", "-c"), List.of("true")));
            assertThat(images.list()).containsExactly(image);
            assertThat(image.names()).containsExactly("oci:" + layout.directory() + ":t");
            assertThat(images.find(digest)).contains(image);
            assertThat(image.root().toFile().length()).isEqualTo(64L << 30);
        }
    }
}
