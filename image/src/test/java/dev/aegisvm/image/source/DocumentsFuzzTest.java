package dev.aegisvm.image.source;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.source.Documents.Descriptor;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** The JSON documents of images, each read as an index, a manifest and a configuration. */
public final class DocumentsFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("image-documents", DocumentsFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        orRefused(() -> {
            Documents.Manifest manifest = Documents.manifest(input);
            List<Descriptor> images = manifest.manifests() == null ? List.of() : manifest.manifests();
            List<Descriptor> layers = manifest.layers() == null ? List.of() : manifest.layers();
            orRefused(() -> check(Documents.choose(images)));
            orRefused(() -> check(ResolvedImage.of(Digest.of(input), layers, input)));
            images.forEach(DocumentsFuzzTest::check);
        });
        orRefused(() -> {
            Documents.ConfigFile config = Documents.config(input);
            assertThat(config.imageConfig().env()).isNotNull();
            assertThat(config.diffIds()).isNotNull();
        });
    }

    private static void check(Descriptor descriptor) {
        assertThat(descriptor.name()).isNotNull();
        orRefused(() -> assertThat(descriptor.blob().toString()).startsWith("sha256:"));
    }

    private static void check(ResolvedImage image) {
        assertThat(image.size()).isNotNegative();
        image.layers().forEach(layer -> check(layer.blob()));
    }

    private interface Reading {
        void read() throws ImageException;
    }

    private static void orRefused(Reading reading) {
        try {
            reading.read();
        } catch (ImageException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }
}
