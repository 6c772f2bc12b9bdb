package dev.aegisvm.host;

import module java.base;

/** Texts in UTF-8, of which only a piece is there. */
public final class Utf8 {
    private Utf8() {}

    /** How many bytes of a piece are whole characters, or no text at all: at its end, one may be cut. */
    public static int whole(ByteBuffer piece) {
        ByteBuffer rest = piece.duplicate();
        var _ = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .decode(rest, CharBuffer.allocate(rest.remaining()), false);
        return rest.position();
    }
}
