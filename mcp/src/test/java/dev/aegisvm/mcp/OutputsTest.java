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
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs that are too long for one answer. */
class OutputsTest {
    private static final ProcessExit OK = ProcessExit.of(0);

    private final Outputs outputs = new Outputs();

    private static Output of(String text) {
        Output output = new Output();
        assertThat(output.write(ByteBuffer.wrap(text.getBytes(UTF_8)))).isEqualTo(text.getBytes(UTF_8).length);
        return output;
    }

    private ProcessRun.Ended ended(Output stdout) {
        return ProcessRun.Ended.of(OK, stdout, new Output(), outputs, List.of());
    }

    private String readOn(@Nullable String cursor) {
        StringBuilder rest = new StringBuilder();
        String at = cursor;
        while (at != null) {
            Outputs.Next next = outputs.read(at);
            rest.append(next.text());
            at = next.cursor();
        }
        return rest.toString();
    }

    @Test
    void whatFitsHasNoCursor() {
        ProcessRun.Ended ended = ended(of("x".repeat(Outputs.MAX_IN_ANSWER)));
        assertThat(ended.stdout()).hasSize(Outputs.MAX_IN_ANSWER);
        assertThat(ended.stdoutCursor()).isNull();
        assertThat(ended.json()).doesNotContain("cursor", "lost", "notes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e4x", "\u20ac", "\ud83d\ude00y"})
    void thePiecesTogetherAreTheWholeAndNoCharacterIsCut(String unit) {
        String text = unit.repeat(3 * Outputs.MAX_IN_ANSWER / unit.length());
        ProcessRun.Ended ended = ended(of(text));
        assertThat(ended.stdout()).doesNotContain("\ufffd");
        assertThat(ended.stdout() + readOn(ended.stdoutCursor())).isEqualTo(text);
    }

    @Test
    void bytesThatAreNoTextBecomeReplacements() {
        Output output = new Output();
        byte[] bytes = new byte[2 * Outputs.MAX_IN_ANSWER];
        java.util.Arrays.fill(bytes, (byte) 0x80);
        output.write(ByteBuffer.wrap(bytes));
        ProcessRun.Ended ended = ended(output);
        assertThat(ended.stdout()).contains("\ufffd");
        assertThat(readOn(ended.stdoutCursor())).endsWith("\ufffd");
    }

    @Test
    void whatIsTooMuchIsCountedAndNotKept() {
        Output output = new Output();
        byte[] piece = new byte[1 << 20];
        for (int written = 0; written < 100; written++) {
            output.write(ByteBuffer.wrap(piece));
        }
        assertThat(output.size()).isEqualTo(Output.MAX_KEPT);
        assertThat(ended(output).stdoutLost()).isEqualTo((100L << 20) - Output.MAX_KEPT);
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        String text = "y".repeat(Outputs.MAX_IN_ANSWER + 1);
        String first = Objects.requireNonNull(ended(of(text)).stdoutCursor());
        assertThat(readOn(first)).isEqualTo("y");
        for (int more = 0; more < 8; more++) {
            assertThat(ended(of(text)).stdoutCursor()).isNotNull();
        }
        assertThatThrownBy(() -> outputs.read(first))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("any more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "out1", "out1:", "out1:x", "out1:-1", "out1:99999999999", "out2:0"})
    void aCursorThatWasNeverGivenIsRefused(String cursor) {
        assertThat(ended(of("y".repeat(Outputs.MAX_IN_ANSWER + 1))).stdoutCursor())
                .startsWith("out1:");
        assertThatThrownBy(() -> outputs.read(cursor)).isInstanceOf(ApiException.class);
    }
}
