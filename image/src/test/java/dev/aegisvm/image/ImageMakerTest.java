package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.rootfs.Blob;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that makes images, and what becomes of those who wait for it, however it ends. */
@Timeout(60)
class ImageMakerTest {
    /** Has the blobs, and the directory of the process. */
    @TempDir
    Path place;

    private Path work = Path.of("");

    @BeforeEach
    void makeWork() throws IOException {
        work = Files.createDirectory(place.resolve("work"));
    }

    private ImageMaker.Order order(Callable<Layer> layer) {
        return new ImageMaker.Order(List.of(layer), Set.of(place), "/", ImageLimits.DEFAULT, new CompletableFuture<>());
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
        try (ImageMaker maker = TestMaker.with("-Xms8m", "-Xmx12m")) {
            assertThatThrownBy(() -> maker.image(work, order(() -> manyFiles(60_000)), _ -> {}, () -> {}))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("MB of memory");
        }
    }

    @Test
    void oneThatCannotStartSaysWhy() throws Exception {
        try (ImageMaker maker = TestMaker.with("-XX:+NoSuchThing")) {
            assertThatThrownBy(() -> maker.image(work, order(() -> manyFiles(1)), _ -> {}, () -> {}))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("failed with status 1: ");
        }
    }

    @Test
    void aLayerThatDoesNotComeEndsIt() throws Exception {
        try (ImageMaker maker = TestMaker.with()) {
            Callable<Layer> missing = () -> {
                throw ImageException.tooLarge("it is not here");
            };
            assertThatThrownBy(() -> maker.image(work, order(missing), _ -> {}, () -> {}))
                    .hasMessage("it is not here");
            Callable<Layer> bug = () -> {
                throw new StackOverflowError("in a source");
            };
            assertThatThrownBy(() -> maker.image(work, order(bug), _ -> {}, () -> {}))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("in a source");
        }
    }

    /** Begins an image whose layer never comes; returns when the child runs. */
    private CompletableFuture<ImageMaker.Made> begin(ImageMaker maker, Path own, Set<Path> places)
            throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        Callable<Layer> never = () -> {
            asked.countDown();
            new CountDownLatch(1).await();
            return manyFiles(1);
        };
        CompletableFuture<ImageMaker.Made> made = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                made.complete(maker.image(
                        own,
                        new ImageMaker.Order(
                                List.of(never), places, "/", ImageLimits.DEFAULT, new CompletableFuture<>()),
                        _ -> {},
                        () -> {}));
            } catch (ImageException ended) {
                made.completeExceptionally(ended);
            }
        });
        asked.await();
        return made;
    }

    /** A probe in the child's place, with its very options. */
    @Test
    void whoeverBreaksIntoItReachesItsBlobsAndItsDirectory() throws Exception {
        Path blob =
                Files.writeString(Files.createDirectory(work.resolve("places")).resolve("blob"), "layer");
        Path secret = Files.writeString(work.resolve("secret"), "secret");
        Path own = Files.createDirectory(work.resolve("own"));
        Path program = Files.copy(TestMaker.BUILT.resolve("probe"), own.resolve("program"));
        List<String> line;
        try (ImageMaker maker = TestMaker.with()) {
            var _ = begin(maker, own, Set.of(blob.getParent()));
            line = ProcessHandle.current()
                    .children()
                    .map(child -> ProcessIdentity.commandLine(child.pid()))
                    .filter(words -> words.contains(own.toString()))
                    .findFirst()
                    .orElseThrow();
        }
        Path probe = TestMaker.BUILT.resolve("probe");
        List<String> command = new ArrayList<>(line.subList(0, line.indexOf("--")));
        command.addAll(List.of("--program", probe.toString(), "--", probe.toString()));
        List<String> open = List.of("read=" + blob, "write=" + own.resolve("file"));
        command.addAll(open);
        command.addAll(List.of("write=" + blob, "read=" + secret, "write=" + secret, "list=" + work, "write=/new"));
        command.addAll(List.of("list=/root", "list=/home", "read=/etc/shadow", "list=/etc/ssl", "run=" + program));
        command.addAll(List.of("family=2", "family=16", "mount=/", "unshare=268435456", "uid=1", "core=100"));
        command.add("kill=" + ProcessHandle.current().pid());
        Process attack = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> said = new String(attack.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(said).hasSize(command.size() - command.lastIndexOf("--") - 2);
        assertThat(said.stream().filter(each -> !each.startsWith("held ")))
                .containsExactlyElementsOf(
                        open.stream().map(each -> "OPEN " + each).toList());
    }

    @Test
    void theEndOfTheDaemonEndsIt() throws Exception {
        ImageMaker maker = TestMaker.with();
        CompletableFuture<ImageMaker.Made> made = begin(maker, work, Set.of());
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
        ImageMaker maker = TestMaker.with();
        try (ImageCache images =
                new ImageCache(cache, TestMaker.NO_LOGINS, ImageLimits.DEFAULT, maker, TestMaker.NO_OWN)) {
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
