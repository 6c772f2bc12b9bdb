package dev.aegisvm.mcp.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileEditTest {
    private static final String TEXT = "def one():\n    return 1\n\ndef two():\n    return 2\n";

    private static String edit(String text, String from, String to) {
        return new FileEdit.Change("old", from, to, false).apply(text, false);
    }

    private static String patched(String text, String diff) {
        String now = text;
        for (FileEdit.Change change : FileEdit.ofDiff(diff)) {
            now = change.apply(now, false);
        }
        return now;
    }

    @Test
    void aTextThatIsThereOnceIsReplaced() {
        assertThat(edit(TEXT, "return 2", "return 3")).isEqualTo(TEXT.replace("2", "3"));
        assertThat(new FileEdit.Change("old", "return", "yield", false).apply(TEXT, true))
                .isEqualTo(TEXT.replace("return", "yield"));
    }

    @Test
    @Timeout(30)
    void manyPlacesTakeNoLongerThanTheirFile() {
        String many = "a\n".repeat(1 << 20);
        assertThat(new FileEdit.Change("old", "a", "b", false).apply(many, true))
                .isEqualTo(many.replace('a', 'b'));
        assertThatThrownBy(() -> edit(many, "a", "b")).hasMessageContaining("1048576 times, in lines 1, 2, 3, 4, 5");
    }

    @Test
    void oneThatIsThereTwiceIsRefusedWithItsLines() {
        assertThatThrownBy(() -> edit(TEXT, "return", "yield"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("occurs 2 times, in lines 2, 5");
    }

    @Test
    void placesInOneLineAreToldOnce() {
        assertThatThrownBy(() -> edit("a b a\na\n", "a", "b")).hasMessageContaining("3 times, in lines 1, 2");
    }

    @Test
    void aHunkThatDoesNotFitIsNamed() {
        String diff = "@@ -1 +1 @@\n-def one():\n+def first():\n@@ -9 +9 @@\n-    return 9\n+    return 8\n";
        assertThatThrownBy(() -> patched(TEXT, diff))
                .hasMessageContaining("hunk 2 of the diff")
                .hasMessageContaining("is not in the file; nearest to it:\n2\t    return 1");
    }

    @Test
    void oneThatIsNotThereIsShownWhatIsNearest() {
        assertThatThrownBy(() -> edit(TEXT, "def  two( ):\n", ""))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("nearest to it:\n4\tdef two():\n5\t    return 2");
    }

    @Test
    void aDiffIsAppliedWhateverItsLineNumbersSay() {
        String diff = """
                --- a/x.py
                +++ b/x.py
                @@ -10,3 +10,3 @@
                 def one():
                -    return 1
                +    return 11

                @@ -1 +1,2 @@
                -    return 2
                +    # more
                +    return 22
                """;
        assertThat(patched(TEXT, diff))
                .isEqualTo("def one():\n    return 11\n\ndef two():\n    # more\n    return 22\n");
    }

    @Test
    void aLastLineWithoutANewlineIsOne() {
        assertThat(patched("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"))
                .isEqualTo("a\nc\n");
        assertThat(patched("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n")).isEqualTo("a\nc");
    }

    @Test
    void aDiffIsOfWholeLines() {
        String diff = "@@ -1 +1 @@\n-x = 1\n+x = 2\n";
        assertThat(patched("max_x = 1\nx = 1\n", diff)).isEqualTo("max_x = 1\nx = 2\n");
        assertThat(patched("max_x = 1\nx = 1", diff)).isEqualTo("max_x = 1\nx = 2");
        assertThatThrownBy(() -> patched("max_x = 1\n", diff)).hasMessageContaining("is not in the file");
        assertThatThrownBy(() -> patched("max_x = 1", diff)).hasMessageContaining("is not in the file");
        String last = "@@ -1 +1 @@\n-x = 1\n\\ No newline at end of file\n+x = 2\n\\ No newline at end of file\n";
        assertThat(patched("x = 10\nx = 1", last)).isEqualTo("x = 10\nx = 2");
    }

    private static final String TWO_FILES =
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d\n";

    @Test
    void aRemovedLineThatBeginsWithDashesIsNoSecondFile() {
        assertThat(patched("-- a\nx\n", "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a\n+++ b\n x\n"))
                .isEqualTo("++ b\nx\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a\n+b\n", "@@ -1 +1 @@\n+b\n", "@@ -1 +1 @@\n a\ndiff --git a b\n", TWO_FILES})
    void whatIsNoDiffIsRefused(String diff) {
        assertThatThrownBy(() -> FileEdit.ofDiff(diff))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("'diff' has");
    }
}
