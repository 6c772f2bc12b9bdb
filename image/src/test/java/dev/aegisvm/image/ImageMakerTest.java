package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.rootfs.Blob;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that makes images, and what becomes of those who wait for it, however it ends. */
@Timeout(60)
class ImageMakerTest {
    private static final ImageMaker.Listener NOBODY = new ImageMaker.Listener() {
        @Override
        public void read(long bytes) {}

        @Override
        public void building() {}
    };

    @TempDir
    Path work;

    private static ImageMaker.Order order(Callable<Layer> layer) {
        return new ImageMaker.Order(List.of(layer), "/", ImageLimits.DEFAULT);
    }

    private Layer manyFiles(int count) throws IOException {
        TarOf tar = new TarOf();
        for (int i = 0; i < count; i++) {
            tar.file("directory/" + i, "");
        }
        Path file = work.resolveSibling(work.getFileName() + ".tar");
        Files.write(file, tar.bytes());
        return new Layer(Blob.of(file), Optional.empty(), Optional.empty());
    }

    @Test
    void oneThatRunsOutOfMemorySaysSo() throws Exception {
        try (ImageMaker maker = new ImageMaker(List.of("-Xms8m", "-Xmx12m"))) {
            assertThatThrownBy(() -> maker.image(work, order(() -> manyFiles(60_000)), NOBODY))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("MB of memory");
        }
    }

    @Test
    void oneThatCannotStartSaysWhy() throws Exception {
        try (ImageMaker maker = new ImageMaker(List.of("-XX:+NoSuchThing"))) {
            assertThatThrownBy(() -> maker.image(work, order(() -> manyFiles(1)), NOBODY))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("ended with status 1: ");
        }
    }

    @Test
    void aLayerThatDoesNotComeEndsIt() throws Exception {
        try (ImageMaker maker = new ImageMaker(List.of())) {
            Callable<Layer> missing = () -> {
                throw ImageException.tooLarge("it is not here");
            };
            assertThatThrownBy(() -> maker.image(work, order(missing), NOBODY)).hasMessage("it is not here");
            Callable<Layer> bug = () -> {
                throw new StackOverflowError("in a source");
            };
            assertThatThrownBy(() -> maker.image(work, order(bug), NOBODY))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("in a source");
        }
    }

    @Test
    void theEndOfTheDaemonEndsIt() throws Exception {
        ImageMaker maker = new ImageMaker(List.of());
        CountDownLatch asked = new CountDownLatch(1);
        Callable<Layer> never = () -> {
            asked.countDown();
            new CountDownLatch(1).await();
            return manyFiles(1);
        };
        CompletableFuture<ImageMaker.Made> made = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                made.complete(maker.image(work, order(never), NOBODY));
            } catch (ImageException ended) {
                made.completeExceptionally(ended);
            }
        });
        asked.await();
        maker.close();
        assertThatThrownBy(made::join).hasCauseInstanceOf(ImageException.class);
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .noneMatch(child -> child.info().commandLine().orElse("").contains(work.toString()));
    }

    @Test
    void whatAKilledOneLeftIsCollected() throws Exception {
        Path cache = work.resolve("cache");
        for (String left : List.of("load-1", "making/load-2", "making/" + "0".repeat(64))) {
            Files.createDirectories(cache.resolve(left));
            Files.writeString(cache.resolve(left).resolve("archive.tar"), "half of it");
        }
        Files.createDirectories(cache.resolve("locks"));
        Files.createFile(cache.resolve("locks/load-2"));
        Files.createFile(cache.resolve("locks/load-3"));
        ImageMaker maker = new ImageMaker(List.of());
        try (ImageCache images = new ImageCache(cache, work.resolve("none"), ImageLimits.DEFAULT, maker)) {
            assertThat(left(cache)).isEmpty();
            Files.createDirectories(cache.resolve("making/load-4"));
            assertThat(images.prune(Set.of())).isEmpty();
            assertThat(left(cache)).isEmpty();
        }
    }

    private static List<Path> left(Path cache) throws IOException {
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(path -> path.toString().contains("load-") || path.endsWith("archive.tar"))
                    .toList();
        }
    }
}
