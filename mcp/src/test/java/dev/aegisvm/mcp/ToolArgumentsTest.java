package dev.aegisvm.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolArgumentsTest {
    private static List<String> command(Object given) {
        ToolArguments.Argument taken = ToolTable.argument("- command! command : what to run");
        return ToolArguments.check(List.of(taken), Map.of("command", given)).command("command");
    }

    @Test
    void aCommandIsItsWordsAlsoWhereTheyCameAsAString() {
        assertThat(command(List.of("echo", "a b"))).containsExactly("echo", "a b");
        assertThat(command(" [\"echo\", \"a b\", \"\\\"\\n\"] ")).containsExactly("echo", "a b", "\"\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls -l", "[ -f a ] && cat a", "[\"a\" = \"a\"]", "[\"a\"", "[a]", "[]"})
    void anyOtherStringIsForTheShell(String line) {
        assertThat(command(line)).containsExactly("sh", "-c", line);
    }
}
