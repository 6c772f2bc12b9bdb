package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** How the bytes of a file are in a text: as UTF-8, or as Base64 where they are no text. */
enum Encoding {
    TEXT,
    BASE64;

    static final String ARGUMENT = "text, or base64 for a file that is no text; text when not given";

    static Encoding named(@Nullable String name) {
        return switch (name) {
            case null -> TEXT;
            case "text" -> TEXT;
            case "base64" -> BASE64;
            default -> throw ToolArguments.wrong("encoding", "is neither text nor base64");
        };
    }

    byte[] bytes(String content) {
        if (this == TEXT) {
            return content.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException noBase64) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "the argument 'content' is no Base64", noBase64);
        }
    }
}
