package dev.aegisvm.mcp.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs that are too long for one answer. */
class OutputsTest {
    private static final int USUAL = Excerpt.WHOLE.maxBytes();

    private static Excerpted of(Excerpt wanted, String text) {
        return of(wanted, text.getBytes(UTF_8));
    }

    private static Excerpted of(Excerpt wanted, byte[] bytes) {
        Excerpted output = new Excerpted(wanted, 0);
        // In pieces that cut characters and lines.
        for (int at = 0; at < bytes.length; at += 1001) {
            output.write(Arrays.copyOfRange(bytes, at, at + Math.min(1001, bytes.length - at)));
        }
        return output;
    }

    private static Excerpt.Shown shown(String stdout) {
        return shown(stdout.getBytes(UTF_8));
    }

    private static Excerpt.Shown shown(byte[] stdout) {
        return of(Excerpt.WHOLE, stdout).shown();
    }

    private static String ended(@Nullable String exec, Excerpted stdout) {
        return ended(0, exec, stdout);
    }

    private static String ended(int exit, @Nullable String exec, Excerpted stdout) {
        return ProcessRun.ended(ProcessExit.of(exit), exec, stdout, new Excerpted(Excerpt.WHOLE, 0), List.of());
    }

    private static String lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(each -> "line " + each + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void linesAreCountedAndTheFirstOnesAreWhole() {
        Excerpted output = of(new Excerpt(256, null, null, false), lines(1000));
        assertThat(output.lines()).isEqualTo(1000);
        assertThat(output.firstLines()).startsWith("line 1\n").endsWith("\n").hasSizeLessThanOrEqualTo(256);
        assertThat(of(Excerpt.WHOLE, "a\nb").lines()).isEqualTo(2);
        assertThat(of(Excerpt.WHOLE, "a\nb").firstLines()).isEqualTo("a\nb");
        assertThat(of(new Excerpt(256, null, null, false), "x".repeat(1000)).firstLines())
                .isEqualTo("x".repeat(256) + "…");
    }

    @Test
    void whatFitsHasNoCursor() {
        assertThat(shown("x".repeat(USUAL)).text()).hasSize(USUAL);
        for (String exec : Arrays.asList("box/exec-1", null)) {
            assertThat(ended(exec, of(Excerpt.WHOLE, "x".repeat(USUAL))))
                    .isEqualTo("exit_code: 0\n\n" + "x".repeat(USUAL));
        }
    }

    @Test
    void whatTheDaemonDoesNotKeepIsToldAndHasNoCursor() {
        Excerpted output = of(Excerpt.WHOLE, "x".repeat(USUAL + 1));
        assertThat(ended(null, output))
                .startsWith(
                        "exit_code: 0\nnote: what this answer leaves out, or shows as U+FFFD, is not kept: run it again")
                .doesNotContain("cursor");
        assertThat(ended("box/exec-1", output))
                .startsWith("exit_code: 0\nstdout_cursor: box/exec-1/stdout:4096-4097\n\n");
        Excerpted longer = of(Excerpt.WHOLE, new byte[Outputs.MAX_KEPT + 1]);
        assertThat(ended("box/exec-1", longer)).contains("note: only 4 MiB of this output are kept");
    }

    @Test
    void theVerdictAtTheEndOfALongRunIsInTheAnswer() {
        String text = lines(6000) + "FAILED (errors=1)\n";
        Excerpt.Shown shown = shown(text);
        assertThat(shown.text())
                .startsWith("line 1\n")
                .endsWith("line 6000\nFAILED (errors=1)\n")
                .containsPattern(
                        "\\[… \\d+ of " + text.length() + " bytes are left out here, from 409\\d on …\\]\nline \\d+\n");
        assertThat(shown.text().length()).isLessThan(USUAL + 200);
        assertThat(complete(shown, text)).isEqualTo(text);
    }

    /** What is shown of an output, and between both parts what its cursor leads to. */
    private static String complete(Excerpt.Shown shown, String text) {
        String[] parts = shown.text().split("\n\\[… .* on …]\n", 2);
        byte[] left = Arrays.copyOfRange(text.getBytes(UTF_8), (int) shown.left(), (int) shown.next());
        return parts[0] + new String(left, UTF_8) + parts[1];
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e4x", "\u20ac", "\ud83d\ude00y"})
    void thePiecesTogetherAreTheWholeAndNoCharacterIsCut(String unit) {
        String text = unit.repeat(10 * USUAL / unit.length());
        Excerpt.Shown shown = shown(text);
        assertThat(shown.text()).doesNotContain("\ufffd");
        assertThat(complete(shown, text)).isEqualTo(text);
        byte[] bytes = text.getBytes(UTF_8);
        assertThat(new String(bytes, 0, Excerpt.WHOLE.fitting(bytes), UTF_8))
                .hasSizeGreaterThan(USUAL / 8)
                .doesNotContain("\ufffd");
    }

    private static byte[] bytes(int count, IntUnaryOperator each) {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; at++) {
            bytes[at] = (byte) each.applyAsInt(at);
        }
        return bytes;
    }

    @Test
    void someBytesThatAreNoTextBecomeReplacements() {
        Excerpt.Shown shown = shown(bytes(2 * USUAL, at -> at % 20 == 0 ? 0x80 : 'x'));
        assertThat(shown.text()).startsWith("\ufffdxxx");
        assertThat(shown.isComplete()).isFalse();
        assertThat(shown(bytes(100, at -> at % 20 == 0 ? 0x80 : 'x')).cursor("box/exec-1/stdout"))
                .isEqualTo("box/exec-1/stdout:0-100");
    }

    @Test
    void bytesThatAreReplacedAreCounted() {
        byte[] latin = "caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(ended("box/exec-1", of(Excerpt.WHOLE, latin)))
                .contains("note: 1 x U+FFFD stands for bytes that are not UTF-8; redirect the output to a file")
                .endsWith("\n\ncaf\ufffd\n");
        assertThat(Excerpt.isBinary("\ufffd".repeat(16))).isFalse();
        assertThat(Excerpt.isBinary("\ufffd".repeat(17))).isTrue();
        assertThat(Excerpt.isBinary("x".repeat(500) + "\ufffd".repeat(50))).isFalse();
    }

    @Test
    void anExitCodeOfASignalNamesIt() {
        assertThat(ended(139, null, of(Excerpt.WHOLE, ""))).isEqualTo("exit_code: 139\nsignal: SIGSEGV");
        assertThat(ended(128, null, of(Excerpt.WHOLE, ""))).doesNotContain("signal");
    }

    @Test
    void whatIsNoTextIsDescribed() {
        byte[] output = bytes(3000, at -> at * 7);
        assertThat(shown(output).text())
                .isEqualTo("[… 3000 bytes of binary data, starting with 00 07 0e 15 1c 23 2a 31 38 3f 46 4d 54 5b 62"
                        + " 69; redirect the output to a file, and use file_read with encoding base64 …]\n");
        assertThat(shown(output).cursor("box/exec-1/stdout")).isEqualTo("box/exec-1/stdout:0-3000");
        assertThat(of(new Excerpt(USUAL, 2, null, false), output).shown().text())
                .startsWith("[… 3000 bytes");
        assertThat(shown("PATH=/usr/bin\0HOME=/root\0").text()).contains("HOME=/root");
    }

    @Test
    void codesOfATerminalAreLeftOutUnlessTheyAreWanted() {
        String text = "\u001b[1;31mred\u001b[0m \u001b]0;title\u0007\u001b[?2004h\u001b(B\u001b[2Kdone\u001b=\r\n";
        assertThat(shown(text).text()).isEqualTo("red done\r\n");
        assertThat(of(new Excerpt(USUAL, null, null, true), text).shown().text())
                .isEqualTo(text);
        assertThat(of(new Excerpt(USUAL, null, Pattern.compile("^red"), false), text)
                        .shown()
                        .text())
                .isEqualTo("1:red done\n");
    }

    @Test
    void anAnswerHasItsFactsBeforeWhatAGuestSays() {
        ProcessExit exit = new ProcessExit(124, null, null, true);
        String ended = ProcessRun.ended(
                exit,
                null,
                of(Excerpt.WHOLE, "exit_code: 0"),
                of(Excerpt.WHOLE, "oops\n"),
                List.of("refused: a\nexit_code: 0"));
        assertThat(ended).isEqualTo("""
            exit_code: 124
            timed_out: true
            note: refused: a exit_code: 0

            exit_code: 0
            --- stderr
            oops
            """);
    }

    @Test
    void whatIsLostIsTold() {
        Excerpted output = new Excerpted(Excerpt.WHOLE, 100);
        output.lost(50);
        output.write("after\n".getBytes(UTF_8));
        assertThat(output.shown().text()).isEqualTo("[… 50 bytes before this are not kept any more …]\nafter\n");
        output.lost(1000);
        output.write("end\n".getBytes(UTF_8));
        assertThat(output.shown().text())
                .startsWith("[… 50 bytes before")
                .contains("\nafter\n\n[… 1000 of 1060 bytes are left out here, from 156 on …]\n")
                .endsWith("\nend\n");
        assertThat(output.end()).isEqualTo(1160);
        Excerpted searched = new Excerpted(new Excerpt(USUAL, null, Pattern.compile("n"), false), 0);
        searched.write("none\nx".getBytes(UTF_8));
        searched.lost(1000);
        searched.write("end\n".getBytes(UTF_8));
        assertThat(searched.shown().text()).isEqualTo("""
                        [… 1000 bytes are not kept any more: not looked at, and not in the line numbers …]
                        1:none
                        3:end
                        """);
    }

    @Test
    void aLongLineIsLookedAtFurtherThanItIsShown() {
        Excerpted searched = new Excerpted(new Excerpt(USUAL, null, Pattern.compile("end"), false), 0);
        searched.write(("x".repeat(60_000) + "end\n" + "y".repeat(70_000) + "end\n").getBytes(UTF_8));
        assertThat(searched.shown().text()).isEqualTo("1:" + "x".repeat(4000) + "… (56003 more characters)\n");
    }

    @Test
    void aCursorOfAnExecNamesItAndWhatIsLeftOut() {
        Excerpted output = new Excerpted(Excerpt.WHOLE, 100);
        output.write("y".repeat(USUAL + 1).getBytes(UTF_8));
        assertThat(output.shown().cursor("box/exec-1/stdout"))
                .isEqualTo("box/exec-1/stdout:" + (100 + USUAL / 4) + "-" + (100 + USUAL / 4 + 1));
    }

    @Test
    void anExpressionThatTakesTooMuchIsRefused() {
        Excerpt excerpt = new Excerpt(USUAL, null, Pattern.compile("(.|x)*y"), false);
        assertThat(of(excerpt, "y\n").shown().text()).isEqualTo("1:y\n");
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
        assertThat(of(excerpt, lines(6000)).shown().text()).startsWith(shown.replace("\\n", "\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "out1:0",
                "box/exec-1:0",
                "box/exec-1/stdout",
                "box/exec-1/stdout:x",
                "box/exec-1/stdout:-1",
                "box/exec-1/stdin:0",
                "a/b/exec-1/stdout:0",
                "box/exec-1/stdout:9999999999999999"
            })
    void aCursorThatWasNeverGivenIsRefused(String cursor) {
        DaemonClient none = new DaemonClient(Path.of("/nonexistent"));
        assertThatThrownBy(() -> Outputs.bytes(cursor, none))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("there is no output for this cursor");
    }
}
