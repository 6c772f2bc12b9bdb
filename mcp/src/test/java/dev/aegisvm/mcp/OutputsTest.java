package dev.aegisvm.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ExecViews.ProcessExit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs that are too long for one answer. */
class OutputsTest {
    private static final int USUAL = Excerpt.WHOLE.maxBytes();

    private final Outputs outputs = new Outputs();

    private Output of(String text) {
        Output output = outputs.output();
        assertThat(output.write(ByteBuffer.wrap(text.getBytes(UTF_8)))).isEqualTo(text.getBytes(UTF_8).length);
        return output;
    }

    private ProcessRun.Ended ended(Output stdout) {
        return ProcessRun.Ended.of(ProcessExit.of(0), Excerpt.WHOLE, outputs, stdout, outputs.output());
    }

    private static String lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(each -> "line " + each + "\n")
                .collect(Collectors.joining());
    }

    private String readOn(@Nullable String cursor) {
        StringBuilder rest = new StringBuilder();
        String at = cursor;
        while (at != null) {
            Outputs.Next next = outputs.read(at, Excerpt.WHOLE);
            rest.append(next.text());
            at = next.cursor();
        }
        return rest.toString();
    }

    @Test
    void whatFitsHasNoCursor() {
        ProcessRun.Ended ended = ended(of("x".repeat(USUAL)));
        assertThat(ended.stdout()).hasSize(USUAL);
        assertThat(ended.stdoutCursor()).isNull();
        assertThat(ended.text()).isEqualTo("exit_code: 0\n\n" + "x".repeat(USUAL));
    }

    @Test
    void theVerdictAtTheEndOfALongRunIsInTheAnswer() {
        String text = lines(6000) + "FAILED (errors=1)\n";
        ProcessRun.Ended ended = ended(of(text));
        assertThat(ended.stdout())
                .startsWith("line 1\n")
                .endsWith("line 6000\nFAILED (errors=1)\n")
                .containsPattern(
                        "\\[… \\d+ of " + text.length() + " bytes are left out here, from 409\\d on …\\]\nline \\d+\n");
        assertThat(ended.stdout().length()).isLessThan(USUAL + 200);
        assertThat(text).endsWith(readOn(ended.stdoutCursor()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e4x", "\u20ac", "\ud83d\ude00y"})
    void thePiecesTogetherAreTheWholeAndNoCharacterIsCut(String unit) {
        String text = unit.repeat(10 * USUAL / unit.length());
        ProcessRun.Ended ended = ended(of(text));
        assertThat(ended.stdout()).doesNotContain("\ufffd");
        String head = ended.stdout().substring(0, ended.stdout().indexOf("\n[…"));
        assertThat(head + readOn(ended.stdoutCursor())).isEqualTo(text);
    }

    private Output bytes(int count, IntUnaryOperator each) {
        Output output = outputs.output();
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; at++) {
            bytes[at] = (byte) each.applyAsInt(at);
        }
        output.write(ByteBuffer.wrap(bytes));
        return output;
    }

    @Test
    void someBytesThatAreNoTextBecomeReplacements() {
        ProcessRun.Ended ended = ended(bytes(2 * USUAL, at -> at % 20 == 0 ? 0x80 : 'x'));
        assertThat(ended.stdout()).startsWith("\ufffdxxx");
        assertThat(ended.stdoutCursor()).isNotNull();
    }

    @Test
    void whatIsNoTextIsDescribed() {
        Output output = bytes(3000, at -> at * 7);
        ProcessRun.Ended ended = ended(output);
        assertThat(ended.stdout())
                .isEqualTo("[… 3000 bytes of binary data, starting with 00 07 0e 15 1c 23 2a 31 38 3f 46 4d 54 5b 62"
                        + " 69; redirect the output to a file, and use file_read with encoding base64 …]\n");
        assertThat(outputs.bytes(Objects.requireNonNull(ended.stdoutCursor()))).hasSize(3000);
        assertThat(new Excerpt(USUAL, 2, null, false).of(output).text()).startsWith("[… 3000 bytes");
        assertThat(ended(of("PATH=/usr/bin\0HOME=/root\0")).stdout()).contains("HOME=/root");
    }

    @Test
    void codesOfATerminalAreLeftOutUnlessTheyAreWanted() {
        String text = "\u001b[1;31mred\u001b[0m \u001b]0;title\u0007\u001b[?2004h\u001b(B\u001b[2Kdone\u001b=\r\n";
        assertThat(ended(of(text)).stdout()).isEqualTo("red done\r\n");
        assertThat(new Excerpt(USUAL, null, null, true).of(of(text)).text()).isEqualTo(text);
        assertThat(new Excerpt(USUAL, null, Pattern.compile("^red"), false)
                        .of(of(text))
                        .text())
                .isEqualTo("1:red done\n");
    }

    @Test
    void anAnswerHasItsFactsBeforeWhatAGuestSays() {
        ProcessExit exit = new ProcessExit(124, null, null, true);
        ProcessRun.Ended ended = ProcessRun.Ended.of(exit, Excerpt.WHOLE, outputs, of("exit_code: 0"), of("oops\n"));
        assertThat(ended.noted(List.of("refused: a\nexit_code: 0")).text()).isEqualTo("""
                        exit_code: 124
                        timed_out: true
                        note: refused: a exit_code: 0

                        exit_code: 0
                        --- stderr
                        oops
                        """);
    }

    @Test
    void ofTooMuchTheBeginningAndTheLatestAreKept() {
        Output output = outputs.output();
        for (int line = 0; line < 2_000_000; line++) {
            output.write(ByteBuffer.wrap((line + "\n").getBytes(UTF_8)));
        }
        ProcessRun.Ended ended = ended(output);
        assertThat(ended.stdout()).startsWith("0\n1\n").endsWith("\n1999998\n1999999\n");
        assertThat(output.piece(0, 1 << 30).length()).isEqualTo(Output.MAX_HEAD);
        Outputs.Next after = outputs.read(
                Objects.requireNonNull(ended.stdoutCursor()).replaceAll(":.*", ":" + Output.MAX_HEAD), Excerpt.WHOLE);
        assertThat(after.lost())
                .isBetween(
                        output.written() - Output.MAX_HEAD - Output.MAX_TAIL,
                        output.written() - Output.MAX_HEAD - Output.MAX_TAIL + (1 << 14));
        assertThat(Excerpt.WHOLE.of(output, Output.MAX_HEAD).text())
                .startsWith("[… " + after.lost() + " bytes before this are not kept any more …]\n");
        assertThat(new Excerpt(USUAL, 2, null, false).of(output).text()).isEqualTo("1999998\n1999999\n");
    }

    @Test
    void anExpressionThatTakesTooMuchIsRefused() {
        Excerpt excerpt = new Excerpt(USUAL, null, Pattern.compile("(.|x)*y"), false);
        assertThat(excerpt.of(of("y\n")).text()).isEqualTo("1:y\n");
        long now = System.nanoTime();
        Map<String, Long> begun =
                Map.of("(.|x)*y", now, "x*x*x*x*y", now - Duration.ofMinutes(1).toNanos());
        begun.forEach((expression, since) -> assertThatThrownBy(
                        () -> Excerpt.isIn("x".repeat(1 << 20), Pattern.compile(expression), since))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("takes too long"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 |        | 'line 5999\nline 6000\n'",
                "  | 77.$   | '[… 43 earlier lines are left out …]'",
                "  | e 600$ | '600:line 600\n'",
                "1 | [34]$  | '5994:line 5994\n'",
                "  | none   | ''",
            })
    void onlySomeLinesAreShown(@Nullable Integer tail, @Nullable String grep, String shown) {
        Excerpt excerpt = new Excerpt(
                grep != null && grep.equals("77.$") ? 256 : USUAL,
                tail,
                grep == null ? null : Pattern.compile(grep),
                false);
        assertThat(excerpt.of(of(lines(6000))).text()).startsWith(shown.replace("\\n", "\n"));
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        String text = "y".repeat(USUAL + 1);
        String first = Objects.requireNonNull(ended(of(text)).stdoutCursor());
        assertThat(readOn(first)).isNotEmpty();
        for (int more = 0; more < 16; more++) {
            assertThat(ended(of(text)).stdoutCursor()).isNotNull();
        }
        assertThatThrownBy(() -> outputs.read(first, Excerpt.WHOLE))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("any more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "out1", "out1:", "out1:x", "out1:-1", "out1:99999999999999999", "out2:0"})
    void aCursorThatWasNeverGivenIsRefused(String cursor) {
        assertThat(ended(of("y".repeat(USUAL + 1))).stdoutCursor()).startsWith("out1:");
        assertThatThrownBy(() -> outputs.read(cursor, Excerpt.WHOLE)).isInstanceOf(ApiException.class);
    }
}
