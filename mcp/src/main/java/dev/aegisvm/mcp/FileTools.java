package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** The tools that read and write files of a guest. Content is UTF-8 text, or Base64 for a file that is no text. */
final class FileTools {
    private static final int MAX_BYTES = 64 * 1024;
    /** What the character at the end of a piece may need beyond it. */
    private static final int MAX_BEYOND = 3;
    /** A file that is looked through for lines is read to so many bytes. */
    private static final int MAX_SCANNED = 64 << 20;

    private static final int CONVERT_S = 60;

    private FileTools() {}

    /**
     * What {@code file_read} answers.
     *
     * @param binary the file is no UTF-8 text, so its content is left out
     * @param picture its form and size in pixels, where it is shown
     * @param nextOffset where to read on, in bytes; absent at the end of the file
     * @param nextLine where to read on, where lines were asked for
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Piece(
            @Nullable String content,
            @Nullable Boolean binary,
            @Nullable String picture,
            @Nullable Long nextOffset,
            @Nullable Integer nextLine) {}

    /** @param processes make pictures smaller */
    static String read(Call call, ProcessTools processes) throws IOException {
        ToolArguments given = call.arguments();
        if (given.has("from_line") || given.has("to_line")) {
            return lines(call);
        }
        long offset = given.large("offset");
        if (given.required("encoding").equals("picture")) {
            return picture(call, processes);
        }
        byte[] bytes;
        try (DaemonClient client = call.client();
                InputStream content =
                        of(call, client).read(given.required("path"), offset, MAX_BYTES + MAX_BEYOND + 1)) {
            bytes = content.readAllBytes();
        }
        if (given.required("encoding").equals("base64")) {
            int end = Math.min(bytes.length, MAX_BYTES);
            String content = Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, end));
            return Jsonb.instance().toJson(new Piece(content, null, null, next(offset, end, bytes), null));
        }
        if (offset == 0 && Picture.begins(bytes)) {
            return picture(call, processes);
        }
        int end = end(bytes);
        String text = text(bytes, end);
        return Jsonb.instance()
                .toJson(new Piece(text, text == null ? true : null, null, next(offset, end, bytes), null));
    }

    /** Shows the picture in a file as it is where it can be seen; else the guest makes it smaller. */
    private static String picture(Call call, ProcessTools processes) throws IOException {
        String path = call.arguments().required("path");
        Picture picture;
        try (DaemonClient client = call.client();
                InputStream content = of(call, client).read(path, 0, Picture.MAX_BYTES + 1)) {
            picture = Picture.of(content.readAllBytes()).orElse(null);
        }
        if (picture == null) {
            picture = converted(call, processes, path);
        }
        call.pictures().add(picture);
        String form = picture.mimeType() + ", " + picture.width() + " x " + picture.height();
        return Jsonb.instance().toJson(new Piece(null, null, form, null, null));
    }

    /** Pillow does it for pixels, rsvg for SVG. */
    private static Picture converted(Call call, ProcessTools processes, String path) throws IOException {
        List<String> command = List.of("sh", "-c", TextResource.of(FileTools.class, "convert.sh"), "sh", path);
        Excerpt all = new Excerpt(2 * Picture.MAX_BYTES, null, null);
        ProcessTools.Whole whole = processes.whole(call, call.instance(), command, CONVERT_S, all);
        return Picture.ofBase64(whole.stdout())
                .orElseThrow(
                        () -> ErrorCode.FILE_REFUSED.refusal(
                                "the picture is too large to be shown, or in a form that is not, and the guest cannot convert it: "
                                        + whole.stderr().strip(),
                                "make a PNG, JPEG, GIF or WebP of at most 2000 x 2000 pixels and 700 KB; the image aegis:full has Pillow"));
    }

    private static @Nullable Long next(long offset, int end, byte[] bytes) {
        return end < bytes.length ? offset + end : null;
    }

    /** Where a piece ends that does not cut a character. */
    private static int end(byte[] bytes) {
        int end = Math.min(bytes.length, MAX_BYTES);
        while (end < bytes.length && end > MAX_BYTES - MAX_BEYOND && Output.continues(bytes[end])) {
            end--;
        }
        return end;
    }

    /** The text that some bytes are; null when they are none. An offset may have cut the first character. */
    private static @Nullable String text(byte[] bytes, int end) {
        int from = 0;
        while (from < Math.min(end, MAX_BEYOND) && Output.continues(bytes[from])) {
            from++;
        }
        return decoded(ByteBuffer.wrap(bytes, from, end - from));
    }

    /** The text that some bytes are; null when they are none. */
    static @Nullable String decoded(ByteBuffer bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return text.indexOf('\0') < 0 ? text : null;
        } catch (CharacterCodingException noText) {
            return null;
        }
    }

    private static String lines(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int from = given.has("from_line") ? given.number("from_line") : 1;
        int to = given.has("to_line") ? given.number("to_line") : Integer.MAX_VALUE;
        StringBuilder text = new StringBuilder();
        int number = 0;
        try (DaemonClient client = call.client();
                BufferedReader content = new BufferedReader(new InputStreamReader(
                        of(call, client).read(given.required("path"), 0, MAX_SCANNED), StandardCharsets.UTF_8))) {
            for (String line = line(content); line != null; line = line(content)) {
                number++;
                boolean full = text.length() + line.length() > MAX_BYTES && !text.isEmpty();
                if (number > to || full) {
                    return ofLines(text, number);
                }
                if (number >= from) {
                    text.append(number).append('\t').append(line).append('\n');
                }
            }
        }
        if (number < from) {
            throw ToolArguments.wrong("from_line", "is beyond the end: the file has " + number + " lines");
        }
        return ofLines(text, null);
    }

    private static String ofLines(StringBuilder text, @Nullable Integer next) {
        boolean binary = text.indexOf("\0") >= 0;
        return Jsonb.instance()
                .toJson(new Piece(binary ? null : text.toString(), binary ? true : null, null, null, next));
    }

    /** The next line, of which no more is kept than an answer holds; null after the last. */
    private static @Nullable String line(Reader content) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = content.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            if (line.length() < MAX_BYTES) {
                line.append((char) next);
            }
            next = content.read();
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    static String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        byte[] content =
                bytes(given.required("content"), given.required("encoding").equals("base64"));
        try (DaemonClient client = call.client()) {
            return ApiJson.text(write(of(call, client), given.required("path"), content));
        }
    }

    static FileView write(InstanceFiles files, String path, byte[] content) throws IOException {
        try (Upload<FileView> upload = files.write(path)) {
            upload.out().write(content);
            return upload.finish();
        }
    }

    /** The files of the instance that a call names, as the user that it names. */
    static InstanceFiles of(Call call, DaemonClient client) {
        return new InstanceFiles(client, call.instance(), call.arguments().text("user"));
    }

    private static byte[] bytes(String content, boolean base64) {
        if (!base64) {
            return content.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException noBase64) {
            throw ErrorCode.BAD_REQUEST.refusal("the argument 'content' is no Base64", noBase64);
        }
    }
}
