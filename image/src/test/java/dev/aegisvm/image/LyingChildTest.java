package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.image.child.ImageMaker;
import dev.aegisvm.image.rootfs.Blob;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image has broken into the process that makes images: it says and leaves what it likes, and the daemon believes none of it. */
@Timeout(60)
class LyingChildTest {
    @TempDir
    Path directory;

    private Path secret;
    private Path archive;
    private Path work;

    @BeforeEach
    void make() throws IOException {
        secret = Files.writeString(directory.resolve("secret"), "secret");
        archive = Files.writeString(directory.resolve("archive"), "archive");
        work = Files.createDirectory(directory.resolve("work"));
    }

    /** One that does this and says that. */
    private ImageMaker liar(String deed, String words) throws IOException {
        Path source = Files.writeString(directory.resolve("ChildMain.java"), """
                package dev.aegisvm.image.child;
                import java.nio.file.*;
                class ChildMain {
                    public static void main(String[] none) throws Exception {
                        Path work = Path.of("%s");
                        %s;
                        System.out.print("%s");
                        System.out.flush();
                        new java.util.concurrent.CountDownLatch(1).await();
                    }
                }
                """.formatted(work, deed, words));
        int status =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", work.toString(), source.toString());
        assertThat(status).isZero();
        return TestMaker.with("-Xbootclasspath/a:" + work);
    }

    /** SECRET, ARCHIVE and WORK stand for their paths. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SECRET 0 6",
                "WORK/../secret 0 6",
                "WORK/archive.tar 0 6",
                "WORK/fifo 0 6",
                "ARCHIVE 0 8",
                "ARCHIVE 8 1",
                "ARCHIVE -1 2",
                "ARCHIVE 1 -1",
                "ARCHIVE 9223372036854775807 1",
                "ARCHIVE 1 9223372036854775807"
            })
    void noFileOfAnArchiveIsElsewhere(String place) throws IOException {
        String words = "file name "
                + place.replace("SECRET", secret.toString())
                        .replace("ARCHIVE", archive.toString())
                        .replace("WORK", work.toString());
        String link = "Files.createSymbolicLink(work.resolve(\"archive.tar\"), Path.of(\"" + secret + "\"))";
        try (ImageMaker liar = liar(link, words + "\\ndone 0\\n")) {
            assertThatThrownBy(() -> liar.archive(archive, work, ImageLimits.DEFAULT))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("gave an invalid answer");
        }
    }

    @Test
    void whatIsThereIsFound() throws Exception {
        try (ImageMaker honest = liar("", "file name " + archive + " 1 6\\ndone 0\\n")) {
            assertThat(honest.archive(archive, work, ImageLimits.DEFAULT))
                    .containsExactly(Map.entry("name", new Blob(archive, 1, 6, false)));
        }
    }

    @Test
    void namesHaveALimit() throws IOException {
        String many = "\"); for (int i = 0; i < 9000; i++) System.out.println(\"file \" + \"x\".repeat(1000) + i + \" "
                + archive + " 0 1\"); System.out.print(\"done 0\\n";
        try (ImageMaker liar = liar("", many)) {
            assertThatThrownBy(() -> liar.archive(archive, work, ImageLimits.DEFAULT))
                    .hasMessageContaining("gave an invalid answer");
        }
    }

    @Test
    void aLinkIsNoImage() throws Exception {
        String link = "Files.createSymbolicLink(work.resolve(\"root.erofs\"), Path.of(\"" + secret + "\"))";
        Path place = directory.resolve("place");
        try (ImageMaker liar = liar(link, "done 1\\n")) {
            ImageMaker.Order order = new ImageMaker.Order(
                    List.of(), Set.of(archive), "/", ImageLimits.DEFAULT, new CompletableFuture<>());
            ImageMaker.Made made = liar.image(work, order, _ -> {}, () -> {});
            assertThatThrownBy(() -> made.moveTo(place)).hasMessageContaining("made no image file");
        }
        assertThat(place).doesNotExist();
        assertThat(secret).hasContent("secret");
    }
}
