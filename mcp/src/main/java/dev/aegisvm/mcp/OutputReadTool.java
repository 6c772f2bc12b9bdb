package dev.aegisvm.mcp;

import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** {@code output_read}: the rest of an output that was too long for one answer. */
final class OutputReadTool implements Tool {
    private final Outputs outputs;

    OutputReadTool(Outputs outputs) {
        this.outputs = outputs;
    }

    /**
     * The answer.
     *
     * @param cursor where to go on; absent at the end
     */
    @Json
    record Answer(String text, @Nullable String cursor) {}

    @Override
    public Description description() {
        return Description.of(
                "output_read",
                "Read on in a long output",
                Effect.READS,
                """
                Gives the next piece of an output that did not fit in the answer of exec or run_code, and a cursor for the one after \
                it. Read on only if you need it; often it is better to run a command that prints less.""",
                ArgumentList.none()
                        .required(
                                "cursor",
                                Argument.Kind.TEXT,
                                "stdout_cursor or stderr_cursor of an answer, or cursor of this tool"));
    }

    @Override
    public String call(Call call) {
        Outputs.Next next = outputs.read(call.arguments().required("cursor"));
        return Jsonb.instance().type(Answer.class).toJson(new Answer(next.text(), next.cursor()));
    }
}
