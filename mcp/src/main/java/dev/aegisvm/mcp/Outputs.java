package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Outputs that were too long for one answer, until they are read on; the oldest go when there are too many. */
final class Outputs {
    /** Of output in one answer, in bytes: some 8000 words. */
    static final int MAX_IN_ANSWER = 32 * 1024;
    /** With those of {@link Output#MAX_KEPT} they take up half of the heap at most. */
    private static final int MAX_OUTPUTS = 8;

    private final Map<String, Output> byId = new LinkedHashMap<>();
    private int next;

    /** Where to read on after what fits in an answer; null when all of it does. */
    synchronized @Nullable String cursor(Output output, int end) {
        if (end >= output.size()) {
            return null;
        }
        if (byId.size() >= MAX_OUTPUTS) {
            byId.remove(byId.keySet().iterator().next());
        }
        String id = "out" + ++next;
        byId.put(id, output);
        return cursor(id, end);
    }

    private static String cursor(String id, int at) {
        return id + ":" + at;
    }

    /** What follows, and where to go on; absent at the end. */
    @Json
    record Next(String text, @Nullable String cursor) {}

    /** @throws ApiException when the cursor leads nowhere (any more) */
    synchronized Next read(String cursor) {
        int colon = cursor.indexOf(':');
        Output output = byId.get(colon < 0 ? cursor : cursor.substring(0, colon));
        if (output == null || !cursor.substring(colon + 1).matches("\\d{1,9}")) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "there is no output for this cursor (any more); the last " + MAX_OUTPUTS + " are kept",
                    "run the command again, and write its output to a file");
        }
        Output.Piece piece = output.piece(Integer.parseInt(cursor.substring(colon + 1)), MAX_IN_ANSWER);
        boolean more = piece.end() < output.size();
        return new Next(piece.text(), more ? cursor(cursor.substring(0, colon), piece.end()) : null);
    }
}
