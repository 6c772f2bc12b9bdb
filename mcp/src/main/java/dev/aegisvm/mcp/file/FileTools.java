package dev.aegisvm.mcp.file;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** The tools that read and write files of a guest. Content is UTF-8 text, or Base64 for a file that is no text. */
public final class FileTools {
    /** A file that is looked through for lines is read to so many bytes. */
    private static final int MAX_SCANNED = 64 << 20;

    private static final String BYTES = "read it with encoding base64";

    private static final int CONVERT_S = 60;
    /** What is told of a picture that was made smaller. */
    private static final Pattern ORIGINAL = Pattern.compile("(?m)^original (\\d+ x \\d+)$");

    private FileTools() {}

    public static String read(Call call) throws IOException {
        ToolArguments given = call.arguments();
        if (given.has("from_line") || given.has("to_line")) {
            return lines(call);
        }
        long offset = given.large("offset");
        if (given.required("encoding").equals("picture")) {
            return picture(call);
        }
        int most = given.number("max_bytes");
        byte[] bytes = of(call).bytes(given.required("path"), offset, most + Excerpt.BEYOND);
        boolean base64 = given.required("encoding").equals("base64");
        if (!base64 && offset == 0 && Picture.begins(bytes)) {
            return picture(call);
        }
        int least = Math.min(bytes.length, most);
        int end = base64 ? least : Excerpt.whole(bytes, least);
        PlainAnswer answer = new PlainAnswer();
        String text = base64
                ? Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, end))
                : shown(text(bytes, end), answer);
        return answer.fact(end < bytes.length ? "next_offset" : "to_end", end < bytes.length ? offset + end : true)
                .with(text);
    }

    /** Shows the picture in a file as it is where it can be seen; else the guest makes it smaller. */
    private static String picture(Call call) throws IOException {
        String path = call.arguments().required("path");
        Picture picture =
                Picture.of(of(call).bytes(path, 0, Picture.MAX_BYTES + 1)).orElse(null);
        String form = "";
        if (picture == null) {
            List<String> convert = List.of("sh", "-c", TextResource.of(FileTools.class, "convert.sh"), "sh", path);
            Excerpt all = new Excerpt(2 * Picture.MAX_BYTES, null, null, false);
            ProcessTools.Whole made = ProcessTools.whole(call, call.instance(), convert, CONVERT_S, all);
            picture = Picture.ofBase64(made.stdout().shown().text())
                    .orElseThrow(() -> ErrorCode.FILE_REFUSED.refusal(
                            "the picture is too large to be shown, or in a form that is not, and the guest cannot"
                                    + " convert it: " + made.stderr().strip(),
                            "make a PNG, JPEG, GIF or WebP of at most 2000 x 2000 pixels and 700 KB; the image"
                                    + " aegis:full has Pillow"));
            form = ORIGINAL.matcher(made.stderr())
                    .results()
                    .findFirst()
                    .map(size -> ", a copy; the original is " + size.group(1))
                    .orElse(", drawn from SVG");
        }
        call.pictures().add(picture);
        return new PlainAnswer()
                .fact("picture", path + ", " + picture.form() + form)
                .with(null);
    }

    /** A text, of which is told what is not UTF-8 in it; null where it is none. */
    private static @Nullable String shown(String text, PlainAnswer answer) {
        boolean binary = Excerpt.isBinary(text);
        answer.fact("binary", binary ? true : null).fact("note", binary ? null : Excerpt.replaced(text, BYTES));
        return binary ? null : text;
    }

    /** An offset may have cut the first character. */
    private static String text(byte[] bytes, int end) {
        int from = 0;
        while (from < Math.min(end, Excerpt.BEYOND - 1) && Excerpt.continues(bytes[from])) {
            from++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }

    public static @Nullable String decoded(ByteBuffer bytes) {
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
        if (from > to) {
            throw ToolArguments.wrong("to_line", "is before from_line");
        }
        int most = given.number("max_bytes");
        StringBuilder text = new StringBuilder();
        Integer next = null;
        int number = 0;
        try (BufferedReader content = new BufferedReader(
                new InputStreamReader(of(call).read(given.required("path"), 0, MAX_SCANNED), StandardCharsets.UTF_8))) {
            for (String line = line(content, most); line != null; line = line(content, most)) {
                number++;
                boolean full = text.length() + line.length() > most && !text.isEmpty();
                if (number > to || full) {
                    next = number;
                    break;
                }
                if (number >= from) {
                    text.append(number).append('\t').append(line).append('\n');
                }
            }
        }
        if (number < from) {
            throw ToolArguments.wrong("from_line", "is beyond the end: the file has " + number + " lines");
        }
        PlainAnswer answer = new PlainAnswer();
        String shown = shown(text.toString(), answer);
        return answer.fact(next == null ? "to_end" : "next_line", next == null ? true : next)
                .with(shown);
    }

    /** The next line, cut where it is longer than an answer; null after the last. */
    private static @Nullable String line(Reader content, int most) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = content.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            if (line.length() <= most) {
                line.append(line.length() < most ? (char) next : '…');
            }
            next = content.read();
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    public static String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String text = given.required("content");
        byte[] content;
        try {
            boolean base64 = given.required("encoding").equals("base64");
            content = base64 ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noBase64) {
            throw ErrorCode.BAD_REQUEST.refusal("the argument 'content' is not valid Base64", noBase64);
        }
        return ApiJson.text(of(call).write(given.required("path"), content));
    }

    static InstanceFiles of(Call call) throws IOException {
        return new InstanceFiles(
                call.client(), call.instance(), call.arguments().text("user"));
    }
}
