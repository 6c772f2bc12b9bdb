package dev.aegisvm.client;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.WorkspaceViews.*;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What git makes of a change, and that git can apply it. */
class WorkspacePatchTest {
    private static final byte[] OLD = "\0old\r\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path checkout;

    @Test
    void withBinariesAllOfItCanBeApplied() throws Exception {
        assertThat(applied(false)).isEmpty();
        assertThat(checkout.resolve("old.bin")).hasBinaryContent("\0new".getBytes(StandardCharsets.UTF_8));
        assertThat(checkout.resolve("text")).hasContent("two");
    }

    @Test
    void withoutBinariesTheRestCanBeApplied() throws Exception {
        assertThat(applied(true)).containsExactlyInAnyOrder("old.bin", "a new.bin");
        assertThat(checkout.resolve("old.bin")).hasBinaryContent(OLD);
        assertThat(checkout.resolve("a new.bin")).doesNotExist();
        assertThat(checkout.resolve("text")).hasContent("two");
    }

    /** Makes a patch of texts that the daemon has sent, in which a 0 is text for Java, and has git apply it. */
    private List<String> applied(boolean texts) throws Exception {
        Files.writeString(checkout.resolve("text"), "one\n");
        Files.write(checkout.resolve("old.bin"), OLD);
        WorkspaceDiff diff = new WorkspaceDiff(
                "image",
                List.of(
                        change("/text", WorkspaceChange.CHANGED, "one\n", "two\n"),
                        change("/old.bin", WorkspaceChange.CHANGED, new String(OLD, StandardCharsets.UTF_8), "\0new"),
                        change("/a new.bin", WorkspaceChange.ADDED, null, "\0")));
        Path file = checkout.resolve("patch");
        List<String> left = List.of();
        try (WorkspacePatch patch = new WorkspacePatch();
                OutputStream out = Files.newOutputStream(file)) {
            assertThat(patch.add(diff, null, 0)).isEmpty();
            if (texts) {
                left = patch.leaveOutBinaries();
            }
            patch.write(out);
        }
        Process git = new ProcessBuilder("git", "apply", "patch")
                .directory(checkout.toFile())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(git.waitFor()).isZero();
        return left;
    }

    private static WorkspaceChange change(String path, String what, @Nullable String before, String after) {
        return new WorkspaceChange(path, what, 0644, null, after.length(), null, List.of(), before, after);
    }
}
