package dev.aegisvm.daemon.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import org.junit.jupiter.api.Test;

/** What the two parts of an overlay say of what an instance changed. */
class OwnFilesTest {
    private static final String IMAGE =
            "d/etc/ -/etc/passwd:1 -/etc/gone:1 d/etc/skel/ -/etc/skel/a:1 -/etc/skel/b:1 d/opt/ -/opt/x:1";

    /** Words as {@code -/etc/passwd:5}: a letter of a listing, a path, and for files a time. */
    private static OwnFiles of(String own) throws IOException {
        return new OwnFiles(tree(own), tree(IMAGE));
    }

    private static FileTree tree(String words) {
        return new FileTree((directory, taker) -> {
            for (String word : words.split(" ", -1)) {
                String path = word.substring(1).replaceAll("/?(:\\d+)?$", "");
                int name = path.lastIndexOf('/') + 1;
                if (name > 0 && path.substring(0, name).equals(directory)) {
                    taker.take(new FileEntry(path.substring(name), stat(word)));
                }
            }
        });
    }

    private static FileStat stat(String word) {
        FileKind kind = switch (word.charAt(0)) {
            case '-' -> FileKind.FILE;
            case 'd' -> FileKind.DIRECTORY;
            case 'o' -> FileKind.OPAQUE_DIRECTORY;
            default -> FileKind.WHITEOUT;
        };
        long time = word.contains(":") ? Long.parseLong(word.substring(word.indexOf(':') + 1)) : 0;
        return new FileStat(kind, 5, 0644, 0, 0, Instant.ofEpochSecond(time), Optional.empty());
    }

    private static List<String> differences(String earlier, String later) throws IOException {
        OwnFiles before = earlier.isEmpty() ? null : of(earlier);
        List<String> found = new ArrayList<>();
        OwnFiles.differences(before, of(later))
                .forEach((path, each) ->
                        found.add((each.before() == null ? "A" : each.now() == null ? "D" : "M") + path));
        return found;
    }

    @Test
    void againstTheImage() throws IOException {
        assertThat(differences("", "d/etc/")).isEmpty();
        assertThat(differences("", "d/etc/ -/etc/passwd:2 -/etc/new:2 w/etc/gone d/root/ -/root/f:2"))
                .containsExactly("D/etc/gone", "A/etc/new", "M/etc/passwd", "A/root", "A/root/f");
        assertThat(differences("", "d/etc/ o/etc/skel/ -/etc/skel/a:2"))
                .as("a directory in the place of the image's")
                .containsExactly("M/etc/skel/a", "D/etc/skel/b");
        assertThat(differences("", "w/opt w/nothing")).containsExactly("D/opt");
        assertThat(differences("", "-/opt:2")).as("a file in its place").containsExactly("M/opt");
    }

    @Test
    void fromOneToAnother() throws IOException {
        String first = "d/etc/ -/etc/passwd:2 -/etc/new:2 w/etc/gone";
        assertThat(differences(first, first)).isEmpty();
        assertThat(differences(first, "d/etc/ -/etc/passwd:3 w/etc/gone d/opt/ -/opt/x:3"))
                .containsExactly("D/etc/new", "M/etc/passwd", "M/opt/x");
        assertThat(differences("w/opt", "o/opt/ -/opt/x:3"))
                .as("what the image has there was not to be seen")
                .containsExactly("A/opt", "A/opt/x");
        assertThat(differences("o/opt/ -/opt/x:3", "w/opt")).containsExactly("D/opt", "D/opt/x");
    }

    @Test
    void aGuestThatListsWithoutEndIsGivenUp() {
        FileTree endless = new FileTree((_, taker) -> {
            for (int i = 0; ; i++) {
                taker.take(new FileEntry("f" + i, stat("-:1")));
            }
        });
        assertThatThrownBy(() -> endless.below("/")).hasMessageContaining("too many names");
        FileTree deep = new FileTree((_, taker) -> taker.take(new FileEntry("deeper".repeat(40), stat("d"))));
        assertThatThrownBy(() -> deep.below("/"))
                .as("and one that goes ever deeper")
                .hasMessageContaining("too many names");
    }
}
