package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.api.Nearest;
import dev.aegisvm.cli.terminal.Printable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {
    @Test
    void controlCharactersAndOverridesAreShownAsEscapes() {
        assertThat(Printable.of("plain é 漢 🙂")).isEqualTo("plain é 漢 🙂");
        assertThat(Printable.of("a\u001bb\nc\td\u007f\u0085\u009b\u202e\u2066"))
                .isEqualTo("a\\u001bb\\u000ac\\u0009d\\u007f\\u0085\\u009b\\u202e\\u2066");
        assertThat(Printable.of("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"list,list,0", "lst,list,1", "lits,list,1", "kitten,sitting,3", "'',abc,3", "abc,'',3"})
    void distances(String from, String to, int distance) {
        assertThat(Nearest.distance(from, to)).isEqualTo(distance);
    }

    @Test
    void onlyNearWordsAreSuggested() {
        assertThat(Nearest.to("inf", List.of("info", "list"))).isEqualTo("info");
        assertThat(Nearest.to("zzz", List.of("info", "list"))).isNull();
        assertThat(Nearest.to("", List.of("info"))).isNull();
    }

    @Test
    void commandsAreQuotedForAShell() {
        assertThat(Printable.command(List.of("a-b/c.d", "", "x y", "it's", "$HOME")))
                .isEqualTo("a-b/c.d '' 'x y' 'it'\\''s' '$HOME'");
    }
}
