package dev.aegisvm.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolArgumentsTest {
    @Test
    void anEmptyArrayIsNotTheSameAsNone() {
        List<ToolArguments.Argument> taken = List.of(
                ToolTable.argument("- secrets texts"),
                ToolTable.argument("- expose ports"),
                ToolTable.argument("- env texts_by_name"));
        ToolArguments empty = ToolArguments.check(
                taken, List.of(), Map.of("secrets", List.of(), "expose", List.of(), "env", Map.of()));
        assertThat(empty.textsInstead("secrets")).isEmpty();
        assertThat(empty.ports("expose")).isEmpty();
        assertThat(empty.has("env")).isTrue();
        assertThat(empty.textsByName("env")).isEmpty();
        ToolArguments filled = ToolArguments.check(
                Stream.concat(taken.stream(), Stream.of(ToolTable.argument("- image text")))
                        .toList(),
                List.of(),
                Map.of("secrets", List.of(), "expose", List.of(), "env", Map.of(), "image", ""));
        assertThat(filled.textsInstead("secrets"))
                .as("of a client that gives all")
                .isNull();
        assertThat(filled.ports("expose")).isNull();
        assertThat(filled.has("env")).isFalse();
        ToolArguments none = ToolArguments.check(taken, List.of(), Map.of());
        assertThat(none.textsInstead("secrets")).isNull();
        assertThat(none.ports("expose")).isNull();
        assertThat(none.has("env")).isFalse();
    }

    private static List<String> command(Object given) {
        ToolArguments.Argument taken = ToolTable.argument("- command! command : what to run");
        return ToolArguments.check(List.of(taken), List.of(), Map.of("command", given))
                .command("command", "bash");
    }

    @Test
    void aCommandIsItsWordsAlsoWhereTheyCameAsAString() {
        assertThat(command(List.of("echo", "a b"))).containsExactly("echo", "a b");
        assertThat(command(" [\"echo\", \"a b\", \"\\\"\\n\"] ")).containsExactly("echo", "a b", "\"\n");
    }

    private static ToolArguments given(String kind, Object value) {
        return ToolArguments.check(List.of(ToolTable.argument("- it " + kind)), List.of(), Map.of("it", value));
    }

    @Test
    void anotherFormOfAValueIsTheValue() {
        assertThat(given("1..100", "30").number("it")).isEqualTo(30);
        assertThat(given("flag", "True").flag("it")).isTrue();
        assertThat(given("flag", "false").flag("it")).isFalse();
        assertThat(given("ports", 80).list("it")).isEqualTo(List.of(80));
        assertThat(given("ports", "8080:80").list("it")).isEqualTo(List.of("8080:80"));
        assertThat(given("texts", "@github").texts("it")).containsExactly("@github");
        assertThat(given("texts_by_name", Map.of("A", 5, "B", true, "C", "c")).textsByName("it"))
                .isEqualTo(Map.of("A", "5", "B", "true", "C", "c"));
        assertThat(given("one|other", "ONE").text("it")).isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "pattern", "1..10", "flag", "one|other", "ports", "texts", "command"})
    void anEmptyTextIsAsIfItWereNotGiven(String kind) {
        assertThat(given(kind, "").has("it")).isFalse();
        assertThat(given("1..10=7", "").number("it")).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({"1..10, 1x", "1..10, 11", "1..10, 1.5", "flag, yes", "texts_by_name, x", "one|other, none"})
    void whatHasNoOtherFormIsRefused(String kind, String value) {
        assertThatThrownBy(() -> given(kind, value)).hasMessageContaining("the argument 'it' ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls -l", "[ -f a ] && cat a", "[\"a\" = \"a\"]", "[\"a\"", "[a]", "[]"})
    void anyOtherStringIsForTheShell(String line) {
        assertThat(command(line)).containsExactly("bash", "-c", line);
    }
}
