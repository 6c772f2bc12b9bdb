package dev.aegisvm.cli.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A tree with what ours may get: deeper groups, aliases, a group that is a verb too. */
class CommandTest {
    private final Command root = Command.root("p", "a program", "p do x");

    CommandTest() {
        Command things = root.group("thing", "things");
        things.verb("list", CommandTest::nothing).aliases("ls", "ps");
        things.group("sub", "things of things").verb("make", CommandTest::nothing);
        root.verb("do", CommandTest::nothing).verb("more", CommandTest::nothing);
        root.verb("__secretly", CommandTest::nothing);
    }

    private static Verb nothing() {
        return Verb.of("do nothing").operands(Value.INSTANCE).does((_, _) -> 0);
    }

    private String found(String... words) throws Arguments.Mistake {
        Command.Match match = root.find(List.of(words));
        return match.command().path() + " " + match.length();
    }

    @Test
    void wordsLeadDownTheTree() throws Arguments.Mistake {
        assertThat(found("thing", "list", "x")).isEqualTo("p thing list 2");
        assertThat(found("thing", "sub", "make", "list")).isEqualTo("p thing sub make 3");
        assertThat(found("do", "x")).isEqualTo("p do 1");
        assertThat(found("do", "more")).isEqualTo("p do more 2");
        assertThat(found("__secretly")).isEqualTo("p __secretly 1");
        assertThat(found("thing", "sub", "--help")).isEqualTo("p thing sub 2");
    }

    @Test
    void aliasesAreFirstWords() throws Arguments.Mistake {
        assertThat(found("ps")).isEqualTo("p thing list 1");
        assertThat(HelpText.of(root.find(List.of("ls")).command())).contains("\nAliases: p ls, p ps\n");
        assertThatThrownBy(() -> root.find(List.of("thing", "ls")))
                .hasMessage("p: unknown command 'thing ls'; did you mean `p thing list`?");
    }

    @Test
    void completionGoesToEveryDepth() {
        assertThat(complete("thing", "")).containsExactly("list", "sub", "--help");
        assertThat(complete("thing", "sub", "")).containsExactly("make", "--help");
        assertThat(complete("thing", "sub", "make", "")).containsExactly("box");
        assertThat(complete("do", "")).containsExactly("more", "box");
        assertThat(complete("ps", "")).containsExactly("box");
        assertThat(complete("_")).isEmpty();
        assertThat(complete("l")).containsExactly("ls");
    }

    private List<String> complete(String... words) {
        return Completion.of(root, (_, _) -> List.of("box"), List.of(words)).stream()
                .map(line -> line.split("\t", 2)[0])
                .toList();
    }
}
