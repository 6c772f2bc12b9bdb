package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostErrorTest {
    @TempDir
    private Path directory;

    static Stream<Map.Entry<Exception, String>> failures() {
        return Stream.of(
                Map.entry(new NoSuchFileException("/a"), "/a: no such file or directory"),
                Map.entry(new AccessDeniedException("/a", "/b", null), "/a -> /b: permission denied"),
                Map.entry(new FileSystemException("/a", null, "Read-only file system"), "/a: Read-only file system"),
                Map.entry(new UncheckedIOException(new IOException("Broken pipe")), "Broken pipe"),
                Map.entry(new EOFException(), "java.io.EOFException"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whatFailedAndWhy(Map.Entry<Exception, String> failure) {
        assertThat(HostError.text(failure.getKey())).isEqualTo(failure.getValue());
    }

    @Test
    void whatJavaThrowsForFilesThatAreThereAndNot() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "x");

        assertThat(HostError.text(catchThrowable(() -> Files.readString(directory.resolve("none")))))
                .isEqualTo(directory.resolve("none") + ": no such file or directory");
        assertThat(HostError.text(catchThrowable(() -> Files.createDirectory(file))))
                .isEqualTo(file + ": it already exists");
        assertThat(HostError.text(catchThrowable(() -> Files.delete(directory))))
                .isEqualTo(directory + ": the directory is not empty");
        assertThat(HostError.reason(catchThrowable(() -> Files.readString(file.resolve("below")))))
                .isEqualTo("Not a directory");
    }

    @Test
    void textThatIsNone() throws Exception {
        Path file = Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xff});

        assertThat(HostError.reason(catchThrowable(() -> Files.readString(file))))
                .isEqualTo("not valid UTF-8");
    }
}
