package dev.aegisvm.cli.copy;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gets into a stream while a guest, whose workspace the tree is, changes it. */
class HostPackerTest {
    private static final int ROUNDS = 300;

    @TempDir
    Path root;

    private Path tree;
    private Path keys;

    @BeforeEach
    void make() throws IOException {
        tree = root.resolve("tree");
        Files.createDirectories(tree.resolve("sub"));
        keys = Files.createDirectories(root.resolve("keys"));
        Files.writeString(keys.resolve("key"), "the key");
        Files.writeString(tree.resolve("sub/key"), "nothing");
        Files.writeString(tree.resolve("file"), "nothing");
    }

    /** The contents of the files in the stream, by name; of a symlink, where it leads. */
    private static Map<String, String> packed(Path source, boolean followed) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        new HostPacker(stream).pack(source, followed, "x");
        Map<String, String> found = new TreeMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(stream.toByteArray()))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                found.put(entry.getName(), entry.isSymbolicLink() ? "-> " + entry.getLinkName() : text);
            }
        }
        return found;
    }

    @Test
    void aTreeIsPackedWithItsSymlinksAsSuch() throws IOException {
        Files.createSymbolicLink(tree.resolve("link"), keys);
        assertThat(packed(tree, true))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "x/", "", "x/file", "nothing", "x/link", "-> " + keys, "x/sub/", "", "x/sub/key", "nothing"));
    }

    @Test
    void thePathItselfIsFollowedUnlessThatIsNotWanted() throws IOException {
        Path link = Files.createSymbolicLink(root.resolve("link"), keys);
        assertThat(packed(link, true)).containsEntry("x/key", "the key");
        assertThat(packed(link, false)).containsExactly(Map.entry("x", "-> " + keys));
        assertThat(packed(link.resolve("."), false)).containsEntry("x/key", "the key");
    }

    @Test
    void whatIsPutInTheirPlaceMeanwhileIsNotFollowed() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread guest = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                swap(tree.resolve("sub"), keys);
                swap(tree.resolve("file"), keys.resolve("key"));
            }
        });
        int whole = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                whole += comesToItsEnd() ? 1 : 0;
            }
        } finally {
            over.set(true);
            guest.join();
        }
        assertThat(whole).isPositive();
    }

    /** Whether a copy came to its end; what leads elsewhere may break it off. */
    private boolean comesToItsEnd() throws IOException {
        try {
            assertThat(packed(tree, true)).doesNotContainValue("the key");
            return true;
        } catch (IOException brokenOff) {
            return false;
        }
    }

    /** Another thing is in a place for a moment. */
    private static void swap(Path place, Path other) {
        try {
            Path aside = place.resolveSibling("aside");
            Files.move(place, aside);
            Files.createSymbolicLink(place, other);
            Files.delete(place);
            Files.move(aside, place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
