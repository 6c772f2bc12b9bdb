package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** {@code file_read}: a piece of a file of the guest. */
final class FileReadTool implements Tool {
    private static final int MOST = 64 * 1024;
    /** What the character at the end of a piece may need beyond it. */
    private static final int MOST_OF_CHARACTER = 3;

    /**
     * The answer.
     *
     * @param nextOffset where to read on, in bytes; absent at the end of the file
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Answer(String content, @Nullable Long nextOffset) {}

    @Override
    public Description description() {
        return Description.of(
                "file_read",
                "Read a file of an instance",
                Effect.READS,
                """
                Reads a file in a running instance, 64 KiB at most; next_offset says where to read on. Symlinks lead where they lead \
                in the guest. A paused instance is resumed.""",
                ArgumentList.none()
                        .required("name", Argument.Kind.TEXT, "name or id of the instance")
                        .required("path", Argument.Kind.TEXT, "absolute path in the guest")
                        .optional("offset", Argument.Kind.WHOLE_NUMBER, "where to begin, in bytes; 0 when not given")
                        .optional("encoding", Argument.Kind.TEXT, Encoding.ARGUMENT)
                        .optional("user", Argument.Kind.TEXT, "a user of the guest; root when not given"));
    }

    @Override
    public String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int offset = given.number("offset", 0, Integer.MAX_VALUE, 0);
        Encoding encoding = Encoding.named(given.text("encoding"));
        byte[] bytes;
        try (DaemonClient client = call.client();
                InputStream content = client.files(given.required("name"), given.text("user"))
                        .read(given.required("path"), offset, MOST + MOST_OF_CHARACTER + 1)) {
            bytes = content.readAllBytes();
        }
        return Jsonb.instance().type(Answer.class).toJson(answer(bytes, offset, encoding));
    }

    private static Answer answer(byte[] bytes, long offset, Encoding encoding) {
        if (encoding == Encoding.BASE64) {
            int end = Math.min(bytes.length, MOST);
            String content = Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(bytes, end));
            return new Answer(content, end < bytes.length ? offset + end : null);
        }
        Output text = new Output();
        text.write(ByteBuffer.wrap(bytes));
        Output.Piece piece = text.piece(0, MOST);
        return new Answer(piece.text(), piece.end() < bytes.length ? offset + piece.end() : null);
    }
}
