package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateTest {
    @TempDir
    Path directory;

    @BeforeEach
    void seal() throws IOException {
        for (String name :
                List.of("bare/memory", "bare/machine", "bare/disk.raw", "mounted/memory", "mounted/disk.raw")) {
            Files.createDirectories(directory.resolve(name).getParent());
            Files.writeString(directory.resolve(name), name.repeat(100));
        }
        new Template(directory).seal();
    }

    @Test
    void aSealedTemplateIsSoundAndReadOnly() {
        assertThat(new Template(directory).defect()).isEmpty();
        assertThat(directory.resolve("bare/memory").toFile())
                .satisfies(file -> assertThat(
                                Files.getPosixFilePermissions(file.toPath()).toString())
                        .doesNotContain("WRITE"));
    }

    @Test
    void aTruncatedFileIsNoticed() throws IOException {
        Path ram = directory.resolve("mounted/memory");
        assertThat(ram.toFile().setWritable(true)).isTrue();
        Files.writeString(ram, "short");
        assertThat(new Template(directory).defect())
                .hasValueSatisfying(reason -> assertThat(reason).contains("mounted/memory"));
    }

    @Test
    void aMissingFileIsNoticed() throws IOException {
        Files.delete(directory.resolve("mounted/disk.raw"));
        assertThat(new Template(directory).defect()).isPresent();
    }

    @Test
    void aListOfSizesThatWasCutShortIsNoticed() throws IOException {
        Files.writeString(directory.resolve("sealed"), "1200 bare/disk.raw\n");
        assertThat(new Template(directory).defect()).isPresent();
    }
}
