package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Outputs of which an answer left out the middle, until it is read; the oldest go when there are too many. */
final class Outputs {
    private static final int MAX_OUTPUTS = 16;
    /** A third of the heap. */
    private static final int MEMORY = 64 << 20;

    private final Semaphore memory = Output.memory(MEMORY);
    private final Map<String, Output> byId = new LinkedHashMap<>();
    private int next;

    /** A new one, for something that is about to run. */
    Output output() {
        return new Output(memory);
    }

    /** Where to read on in what is left out of an answer; null, and the output is forgotten, when nothing is. */
    synchronized @Nullable String cursor(Output output, OptionalLong gap) {
        if (gap.isEmpty()) {
            output.release();
            return null;
        }
        if (byId.size() >= MAX_OUTPUTS) {
            Objects.requireNonNull(byId.remove(byId.keySet().iterator().next())).release();
        }
        String id = "out" + ++next;
        byId.put(id, output);
        return id + ":" + gap.getAsLong();
    }

    /**
     * A piece of an output.
     *
     * @param lost so many bytes before it are not kept
     * @param cursor where to read on; absent at the end
     */
    record Next(String text, @Nullable Long lost, @Nullable String cursor) {}

    /** What is asked of an output: from a place on, at most so much. */
    private interface Asked<T> {
        T of(Output output, long from);
    }

    private synchronized <T> T at(String cursor, Asked<T> asked) {
        int colon = cursor.indexOf(':');
        Output output = byId.get(colon < 0 ? cursor : cursor.substring(0, colon));
        if (output == null || !cursor.substring(colon + 1).matches("\\d{1,15}")) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "there is no output for this cursor (any more); the last " + MAX_OUTPUTS + " are kept",
                    "run the command again with grep or tail, or write its output to a file");
        }
        return asked.of(output, Long.parseLong(cursor.substring(colon + 1)));
    }

    /** @throws ApiException when the cursor leads nowhere (any more) */
    Next read(String cursor, Excerpt wanted) {
        return at(cursor, (output, from) -> {
            Output.Piece piece = output.wholeCharacters(from, wanted.maxBytes());
            boolean more = piece.end() < output.written();
            return new Next(
                    wanted.of(piece),
                    piece.begin() > from ? piece.begin() - from : null,
                    more ? cursor.substring(0, cursor.indexOf(':')) + ":" + piece.end() : null);
        });
    }

    /** The bytes from a cursor on as they are, to the next that is not kept; throws as {@link #read} does. */
    byte[] bytes(String cursor) {
        return at(
                cursor,
                (output, from) -> output.piece(from, Output.MAX_TAIL).bytes().array());
    }

    String read(McpTool.Call call) {
        Next piece = read(call.arguments().required("cursor"), Excerpt.of(call.arguments()));
        return new PlainAnswer()
                .fact("lost", piece.lost())
                .fact(piece.cursor() == null ? "to_end" : "cursor", piece.cursor() == null ? true : piece.cursor())
                .with(piece.text());
    }
}
