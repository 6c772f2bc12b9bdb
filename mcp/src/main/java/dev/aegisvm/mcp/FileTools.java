package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.McpTool.Call;
import dev.aegisvm.mcp.ToolArguments.Kind;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** The tools that read, write and list files of a guest. Content is UTF-8 text, or Base64 for a file that is no text. */
final class FileTools {
    private static final int MAX_BYTES = 64 * 1024;
    /** What the character at the end of a piece may need beyond it. */
    private static final int MAX_BEYOND = 3;

    private static final int MAX_ENTRIES = 1000;
    private static final String PATH = "absolute path in the guest";
    private static final String ENCODING = "text, or base64 for a file that is not text; text when not given";

    private FileTools() {}

    static McpTool readTool() {
        return McpTool.reads("file_read", "Read a file of an instance")
                .about("""
                    Reads a file in a running instance, at most %d KiB; next_offset says where to read on. Symlinks are followed in the \
                    guest. A paused instance is resumed.""".formatted(MAX_BYTES >> 10))
                .takesInstance()
                .takes("path", Kind.TEXT, PATH)
                .mayTake("offset", Kind.WHOLE_NUMBER, "where to begin, in bytes; 0 when not given")
                .mayTake("encoding", Kind.TEXT, ENCODING)
                .mayTakeUser()
                .does(FileTools::read);
    }

    static McpTool writeTool() {
        return McpTool.destroys("file_write", "Write a file of an instance")
                .about("""
                    Writes a file in a running instance. A file of that name is replaced, as a whole or not at all. Missing directories \
                    above it are made. A paused instance is resumed.""")
                .takesInstance()
                .takes("path", Kind.TEXT, PATH)
                .takes("content", Kind.TEXT, "the whole content of the file")
                .mayTake("encoding", Kind.TEXT, ENCODING)
                .mayTakeUser()
                .does(FileTools::write);
    }

    static McpTool listTool() {
        return McpTool.reads("file_list", "List a directory of an instance")
                .about("""
                    Lists a directory in a running instance, one entry a line, at most %d: name, type, size, mode, owner, time, target of a \
                    symlink. For more entries, or for a whole tree, exec find.""".formatted(MAX_ENTRIES))
                .takesInstance()
                .takes("path", Kind.TEXT, "absolute path of a directory in the guest")
                .mayTakeUser()
                .does(FileTools::list);
    }

    /** What {@code file_read} answers, and where to read on, in bytes; absent at the end of the file. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Piece(String content, @Nullable Long nextOffset) {}

    private static String read(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int offset = given.number("offset", 0, Integer.MAX_VALUE, 0);
        boolean base64 = isBase64(given);
        byte[] bytes;
        try (DaemonClient client = call.client();
                InputStream content =
                        files(call, client).read(given.required("path"), offset, MAX_BYTES + MAX_BEYOND + 1)) {
            bytes = content.readAllBytes();
        }
        Output.Piece text = Output.of(bytes).piece(0, MAX_BYTES);
        int end = base64 ? Math.min(bytes.length, MAX_BYTES) : text.end();
        String content = base64 ? Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, end)) : text.text();
        return Jsonb.instance().toJson(new Piece(content, end < bytes.length ? (long) offset + end : null));
    }

    private static String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String path = given.required("path");
        byte[] content = bytes(given.required("content"), isBase64(given));
        try (DaemonClient client = call.client();
                Upload<FileView> upload = files(call, client).write(path)) {
            upload.out().write(content);
            return ApiJson.text(upload.finish());
        }
    }

    private static InstanceFiles files(Call call, DaemonClient client) {
        return new InstanceFiles(client, call.instance(), call.arguments().text("user"));
    }

    private static boolean isBase64(ToolArguments given) {
        return switch (given.text("encoding")) {
            case null -> false;
            case "text" -> false;
            case "base64" -> true;
            default -> throw ToolArguments.wrong("encoding", "is neither text nor base64");
        };
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

    private static String list(Call call) throws IOException {
        List<String> lines = new ArrayList<>();
        try (DaemonClient client = call.client();
                JsonLines entries = files(call, client).list(call.arguments().required("path"))) {
            byte[] entry = entries.next();
            while (entry != null && lines.size() < MAX_ENTRIES) {
                lines.add(new String(entry, StandardCharsets.UTF_8));
                entry = entries.next();
            }
            if (entry != null) {
                lines.add("(and more: only the first " + MAX_ENTRIES + " are shown)");
            }
        }
        return lines.isEmpty() ? "(empty)" : String.join("\n", lines);
    }
}
