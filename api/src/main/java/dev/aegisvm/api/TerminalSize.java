package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/** The size of a terminal, each side 1..65535; where it is given, the process gets one. */
@Json(naming = Json.Naming.LowerUnderscore)
public record TerminalSize(int rows, int cols) {
    /** @throws ApiException 400, when a side is out of range */
    public TerminalSize {
        if (rows < 1 || rows > 0xffff || cols < 1 || cols > 0xffff) {
            throw ErrorCode.BAD_REQUEST.refusal("tty.rows and tty.cols must be 1..65535");
        }
    }
}
