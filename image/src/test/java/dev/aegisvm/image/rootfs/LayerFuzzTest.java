package dev.aegisvm.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.image.ImageLimits;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import dev.aegisvm.testkit.TestHome;
import org.junit.jupiter.api.Test;

/** The tar streams of layers: what is merged of one is written as a tar stream from which the same tree is read. */
public final class LayerFuzzTest {
    /** The buffers of reader and writer, twice. */
    private static final FuzzTarget TARGET = new FuzzTarget("layers", LayerFuzzTest::take, 32L << 20, 1024);

    private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1000, 200, 1 << 20);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        Path scratch = Files.createTempDirectory("aegis-fuzz-");
        try {
            LayerMerge first;
            try {
                first = merged(input, scratch.resolve("one"));
            } catch (IOException refused) {
                return;
            }
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            try (RootTar writer = new RootTar(tar, first.shared())) {
                writer.write(first.root());
            }
            LayerMerge second = merged(tar.toByteArray(), scratch.resolve("two"));
            assertThat(text(second.root())).isEqualTo(text(first.root()));
        } finally {
            TestHome.delete(scratch);
        }
    }

    private static LayerMerge merged(byte[] layer, Path contents) throws IOException {
        Budget budget = new Budget(LIMITS);
        LayerMerge merge = new LayerMerge(budget);
        InputStream tar = Compression.undo(new ByteArrayInputStream(layer), budget);
        try (LayerReader reader = new LayerReader(tar, contents, budget)) {
            merge.add(reader.read());
        }
        return merge;
    }

    /** Names, kinds, modes and sizes of a tree. */
    private static String text(Inode inode) {
        StringBuilder text = new StringBuilder(
                switch (inode.content()) {
                    case Inode.Content.File file -> "file of " + file.size();
                    case Inode.Content.Symlink(String target) -> "link to " + target;
                    case Inode.Content.Device device -> "device " + device;
                    case Inode.Content.Fifo _ -> "fifo";
                    case Inode.Content.Directory _ -> "directory";
                });
        text.append(' ').append(inode.mode());
        new TreeMap<>(inode.children())
                .forEach((name, child) -> text.append(" (")
                        .append(name)
                        .append(' ')
                        .append(text(child))
                        .append(')'));
        return text.toString();
    }
}
