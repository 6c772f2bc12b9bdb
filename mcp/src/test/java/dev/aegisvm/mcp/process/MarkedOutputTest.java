package dev.aegisvm.mcp.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class MarkedOutputTest {
    private static final String PICTURE = Base64.getMimeEncoder()
            .encodeToString(HexFormat.of().parseHex("89504e470d0a1a0a0000000d494844520000000a00000014"));

    private static void write(MarkedOutput to, String text, int piece) {
        byte[] bytes = text.getBytes(UTF_8);
        for (int at = 0; at < bytes.length; at += piece) {
            to.write(Arrays.copyOfRange(bytes, at, at + Math.min(piece, bytes.length - at)));
        }
    }

    @Test
    void whatIsBeforeTheMarkGoesOnAndTheRestIsPicturesAndAStatus() {
        for (int piece : List.of(1, 2, 7, 1000)) {
            Excerpted output = new Excerpted(Excerpt.WHOLE, 0);
            MarkedOutput marked = new MarkedOutput();
            CompletableFuture<Integer> status = marked.begin(output, "m4rk");
            write(marked, "drawn\nm4r\nm4rk\na.png\n" + PICTURE + "\nm4rk\nb.png\n" + PICTURE + "\nm4rk", piece);
            assertThat(status).isNotDone();
            write(marked, " 3\n", piece);
            assertThat(status).isCompletedWithValue(3);
            assertThat(output.shown().text()).isEqualTo("drawn\nm4r");
            List<String> notes = new ArrayList<>();
            assertThat(marked.end(notes)).hasSize(2);
            assertThat(notes).hasSize(2).first().asString().startsWith("picture 1: a.png, image/");
        }
    }

    @Test
    void aStatusIsSeenWhateverIsWrittenAfterItAndHoweverMuchBefore() {
        Excerpted output = new Excerpted(Excerpt.WHOLE, 0);
        MarkedOutput marked = new MarkedOutput();
        CompletableFuture<Integer> status = marked.begin(output, "m4rk");
        write(marked, "\nm4rk 3\n" + "y\n".repeat(40), 1000);
        assertThat(status).isCompletedWithValue(3);
        CompletableFuture<Integer> next = marked.begin(output, "n3xt");
        write(marked, "\nn3xt\n" + "A".repeat(6_000_000) + "\nn3xt 4\n", 1 << 20);
        assertThat(next).isCompletedWithValue(4);
    }

    @Test
    void whatComesBetweenSnippetsTheNextOneShowsFirst() {
        for (int piece : List.of(1, 1000)) {
            Excerpted first = new Excerpted(Excerpt.WHOLE, 0);
            Excerpted next = new Excerpted(Excerpt.WHOLE, 0);
            MarkedOutput marked = new MarkedOutput();
            var _ = marked.begin(first, "m4rk");
            write(marked, "first\nm4rk 0\nsoon\n", piece);
            assertThat(marked.end(new ArrayList<>())).isEmpty();
            assertThat(marked.received()).isEqualTo("first\nm4rk 0\n".length());
            write(marked, "later\n", piece);
            assertThat(marked.received()).isEqualTo("first\nm4rk 0\n".length());
            var _ = marked.begin(next, "n3xt");
            write(marked, "next\nn3xt 0\n", piece);
            assertThat(first.shown().text()).isEqualTo("first");
            assertThat(next.shown().text()).isEqualTo("soon\nlater\nnext");
        }
    }

    @Test
    void picturesThatAreNotShownAreCounted() {
        Excerpted output = new Excerpted(Excerpt.WHOLE, 0);
        for (String end : List.of("", "\nm4rk 0\n")) {
            MarkedOutput marked = new MarkedOutput();
            var _ = marked.begin(output, "m4rk");
            write(marked, ("\nm4rk\na.png\n" + PICTURE).repeat(5) + "\nm4rk\nb.png\n\nm4rk\nc.png\n" + end, 1000);
            List<String> notes = new ArrayList<>();
            assertThat(marked.end(notes)).hasSize(4);
            assertThat(notes)
                    .hasSize(5)
                    .last()
                    .asString()
                    .startsWith("3 pictures are not shown: an answer has 4")
                    .endsWith(": a.png, b.png, c.png");
        }
    }

    @Test
    void withoutAMarkAllGoesOn() {
        Excerpted output = new Excerpted(Excerpt.WHOLE, 0);
        MarkedOutput marked = new MarkedOutput();
        var _ = marked.begin(output, "m4rk");
        write(marked, "all\nm4r", 1);
        assertThat(marked.end(new ArrayList<>())).isEmpty();
        assertThat(output.shown().text()).isEqualTo("all\nm4r");
    }
}
