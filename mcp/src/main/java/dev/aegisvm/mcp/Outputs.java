package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Outputs of which an answer left out the middle, until it is read; the oldest go when there are too many. */
final class Outputs {
    private static final int MAX_OUTPUTS = 16;
    /** A third of the heap. */
    private static final int MEMORY = 64 << 20;

    private static final int PIECE = 32 * 1024;

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
    @Json
    record Next(String text, @Nullable Long lost, @Nullable String cursor) {}

    /** A place in an output that is kept. */
    private record Place(String id, Output output, long from) {}

    private synchronized Place at(String cursor) {
        int colon = Math.max(0, cursor.indexOf(':'));
        String id = cursor.substring(0, colon);
        Output output = byId.get(id);
        if (output == null || !cursor.substring(colon + 1).matches("\\d{1,15}")) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "there is no output for this cursor (any more); the last " + MAX_OUTPUTS + " are kept",
                    "run the command again with grep or tail, or write its output to a file");
        }
        return new Place(id, output, Long.parseLong(cursor.substring(colon + 1)));
    }

    /** @throws ApiException when the cursor leads nowhere (any more) */
    Next read(String cursor) {
        Place place = at(cursor);
        Output.Piece piece = place.output().piece(place.from(), PIECE).first(PIECE);
        return new Next(
                piece.text(),
                piece.begin() > place.from() ? piece.begin() - place.from() : null,
                piece.end() < place.output().written() ? place.id() + ":" + piece.end() : null);
    }

    /** The bytes from a cursor on as they are, to the next that is not kept; throws as {@link #read(String)} does. */
    byte[] bytes(String cursor) {
        Place place = at(cursor);
        return place.output().piece(place.from(), Output.MAX_TAIL).bytes().array();
    }

    Next read(McpTool.Call call) {
        return read(call.arguments().required("cursor"));
    }
}
