package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are made here: what becomes of their layers, and what others read of them. */
class NewImageTest {
    private static final String NAME = "docker.io/library/mine:1";
    private static final Image.Config CONFIG =
            new Image.Config(Map.of("A", "1"), "/srv", "7:8", List.of("/bin/sh", "-c"), List.of("true"));

    @TempDir
    Path directory;

    private ImageCache cache(String name, ImageLimits limits) throws ImageException {
        return new ImageCache(directory.resolve(name), TestMaker.NO_LOGINS, limits, TestMaker.with(), TestMaker.NO_OWN);
    }

    private static NewImage image(InputStream... layers) {
        return new NewImage(
                NAME,
                CONFIG,
                Stream.of(layers)
                        .<Callable<InputStream>>map(layer -> () -> layer)
                        .toList());
    }

    private static InputStream tar(TarOf tar) throws IOException {
        return new ByteArrayInputStream(tar.bytes());
    }

    @Test
    void itIsInTheCacheAndInAFileThatOthersRead() throws Exception {
        Path archive = directory.resolve("mine.tar");
        NewImage mine = image(
                tar(new TarOf().directory("a", 0755).file("a/one", "1").file("a/two", "2")),
                tar(new TarOf().file("a/.wh.two", "").file("a/three", "3")));
        Image saved;
        try (ImageCache images = cache("cache", ImageLimits.DEFAULT)) {
            saved = images.save(mine, Optional.of(archive), PullListener.NONE);
            assertThat(saved.names()).containsExactly(NAME);
            assertThat(saved.config()).isEqualTo(CONFIG);
            assertThat(images.local(ImageReference.inRegistry("mine:1"))).contains(saved);
            Path tree = directory.resolve("tree");
            Tool.run("fsck.erofs", "--extract=" + tree, saved.root().toString());
            assertThat(tree.resolve("a/one")).hasContent("1");
            assertThat(tree.resolve("a/three")).hasContent("3");
            assertThat(tree.resolve("a/two")).doesNotExist();
        }
        try (ImageCache others = cache("other", ImageLimits.DEFAULT)) {
            Image loaded = others.load(archive, PullListener.NONE).getFirst();
            assertThat(loaded.digest()).isEqualTo(saved.digest());
            assertThat(loaded.names()).containsExactly(NAME);
        }
        assertThat(Tool.run("skopeo", "inspect", "oci-archive:" + archive)).contains(saved.digest(), "\"A=1\"");
    }

    @Test
    void layersThatAreTooLargeOrBreakOffLeaveNothing() throws Exception {
        InputStream large = new ByteArrayInputStream(new byte[9 << 20]);
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        try (ImageCache images = cache("cache", new ImageLimits(8 << 20, 1000, 200, 1 << 20))) {
            assertThatThrownBy(() -> images.save(image(large), Optional.empty(), PullListener.NONE))
                    .hasMessage("the instance's files are larger than 8 MB");
            assertThatThrownBy(() -> images.save(image(broken), Optional.empty(), PullListener.NONE))
                    .hasMessageContaining("cannot read the instance's files: Stream closed");
            assertThat(images.list()).isEmpty();
            assertThat(directory.resolve("cache/making")).isEmptyDirectory();
        }
    }
}
