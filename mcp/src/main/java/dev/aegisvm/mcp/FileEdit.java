package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;

/**
 * {@code file_edit}: a text in a file is replaced by another, or several at once by a unified diff. All of it is done or nothing; a
 * mistake is told with the lines that are nearest.
 */
final class FileEdit {
    private static final int MAX_BYTES = 4 << 20;
    private static final int SHOWN = 5;
    private static final int SHOWN_LENGTH = 200;

    private FileEdit() {}

    static McpTool tool() {
        return McpTool.destroys("file_edit", "Change a file of an instance")
                .about("""
                    Changes a text file in a running instance: replaces old by new, which must occur exactly once unless all is set, or \
                    applies a unified diff, whose line numbers do not matter. All or nothing; owner and mode stay.""")
                .takesInstance()
                .takes("path", Kind.TEXT, FileTools.PATH)
                .mayTake("old", Kind.TEXT, "exactly as in the file, with some lines around it to make it unique")
                .mayTake("new", Kind.TEXT, "")
                .mayTake("all", Kind.FLAG, "replace each occurrence")
                .mayTake("diff", Kind.TEXT, "instead of old and new")
                .mayTakeUser()
                .gives(Edited.class)
                .does(FileEdit::call);
    }

    /** What became of it: how many places changed, and how long the file is now. */
    @Json
    record Edited(int replaced, long size) {}

    private static String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        List<Change> changes = changes(given);
        String path = given.required("path");
        try (DaemonClient client = call.client()) {
            InstanceFiles files = FileTools.of(call, client);
            String text = read(files, path);
            int replaced = 0;
            for (Change change : changes) {
                replaced += given.flag("all") ? places(text, change.from()).size() : 1;
                text = change.apply(text, given.flag("all"));
            }
            byte[] content = text.getBytes(StandardCharsets.UTF_8);
            FileTools.write(files, path, content);
            return Jsonb.instance().toJson(new Edited(replaced, content.length));
        }
    }

    private static List<Change> changes(ToolArguments given) {
        String diff = given.text("diff");
        String old = given.text("old");
        if ((diff == null) == (old == null)) {
            throw ErrorCode.BAD_REQUEST.refusal("give either old and new, or diff");
        }
        if (diff != null) {
            return ofDiff(diff);
        }
        if (old == null || old.isEmpty()) {
            throw ToolArguments.wrong("old", "is empty: file_write makes a file");
        }
        return List.of(new Change(old, Objects.requireNonNullElse(given.text("new"), "")));
    }

    private static String read(InstanceFiles files, String path) throws IOException {
        byte[] bytes;
        try (InputStream content = files.read(path, 0, MAX_BYTES + 1)) {
            bytes = content.readAllBytes();
        }
        String text = bytes.length > MAX_BYTES ? null : FileTools.decoded(ByteBuffer.wrap(bytes));
        if (text == null) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    bytes.length > MAX_BYTES ? "the file has more than 4 MiB" : "the file is no UTF-8 text",
                    "change it by a program: exec sed or python3");
        }
        return text;
    }

    /** A text that takes the place of another. */
    record Change(String from, String to) {
        String apply(String text, boolean all) {
            List<Integer> places = places(text, from);
            if (places.isEmpty() && from.endsWith("\n") && text.endsWith(chopped(from))) {
                // The last line of the file has no newline.
                return text.substring(0, text.length() - from.length() + 1) + chopped(to);
            }
            if (places.isEmpty()) {
                throw missing(text, from);
            }
            if (places.size() > 1 && !all) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "old occurs " + places.size() + " times, in lines " + lines(text, places),
                        "add lines around it to old, or set all");
            }
            return text.replace(from, to);
        }
    }

    private static String chopped(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Where a text occurs. */
    private static List<Integer> places(String text, String wanted) {
        List<Integer> places = new ArrayList<>();
        for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length())) {
            places.add(at);
        }
        return places;
    }

    private static String lines(String text, List<Integer> places) {
        String first = places.stream()
                .limit(SHOWN)
                .map(at -> Long.toString(text.substring(0, at)
                                .chars()
                                .filter(each -> each == '\n')
                                .count()
                        + 1))
                .collect(Collectors.joining(", "));
        return places.size() > SHOWN ? first + ", …" : first;
    }

    /** Shows the line that is most like the first one that is wanted, with those after it. */
    private static ApiException missing(String text, String wanted) {
        String first =
                wanted.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        List<String> lines = text.lines().toList();
        int best = -1;
        double likeness = 0;
        for (int number = 0; number < lines.size(); number++) {
            double now = likeness(lines.get(number).strip(), first.strip());
            if (now > likeness) {
                likeness = now;
                best = number;
            }
        }
        StringBuilder nearest = new StringBuilder();
        for (int number = Math.max(0, best); best >= 0 && number < Math.min(lines.size(), best + SHOWN); number++) {
            String line = lines.get(number);
            nearest.append('\n').append(number + 1).append('\t');
            nearest.append(line, 0, Math.min(line.length(), SHOWN_LENGTH));
        }
        return ErrorCode.BAD_REQUEST.refusal(
                "old is not in the file" + (nearest.isEmpty() ? "" : "; nearest to it:" + nearest),
                "read these lines with file_read, and give old exactly as they are, with every blank");
    }

    /** The share of pairs of neighbouring characters that two lines have in common (Dice), 0..1. */
    private static double likeness(String one, String other) {
        if (one.equals(other)) {
            return 1;
        }
        Set<String> pairs = pairs(one);
        Set<String> others = pairs(other);
        long common = pairs.stream().filter(others::contains).count();
        return pairs.isEmpty() || others.isEmpty() ? 0 : 2.0 * common / (pairs.size() + others.size());
    }

    private static Set<String> pairs(String line) {
        Set<String> pairs = new HashSet<>();
        for (int at = 0; at + 2 <= Math.min(line.length(), SHOWN_LENGTH); at++) {
            pairs.add(line.substring(at, at + 2));
        }
        return pairs;
    }

    /** The hunks of a unified diff, each as the lines that it finds and those that it leaves. */
    static List<Change> ofDiff(String diff) {
        List<Hunk> hunks = new ArrayList<>();
        for (String line : diff.lines().toList()) {
            if (line.startsWith("@@")) {
                hunks.add(new Hunk());
            } else if (!hunks.isEmpty()) {
                hunks.getLast().take(line);
            }
        }
        if (hunks.isEmpty()) {
            throw ToolArguments.wrong(
                    "diff", "has no hunk: it is a line @@ -1,3 +1,4 @@, then lines with ' ', '-' or '+' before them");
        }
        return hunks.stream().map(Hunk::change).toList();
    }

    private static final class Hunk {
        private final StringBuilder from = new StringBuilder();
        private final StringBuilder to = new StringBuilder();
        private char last = ' ';

        void take(String line) {
            char kind = line.isEmpty() ? ' ' : line.charAt(0);
            if (kind == '\\') {
                // The line before it has no newline.
                each(last, text -> text.setLength(text.length() - 1));
                return;
            }
            if (kind != ' ' && kind != '-' && kind != '+') {
                throw ToolArguments.wrong("diff", "has a line in a hunk that begins with none of ' ', '-', '+'");
            }
            each(
                    kind,
                    text -> text.append(line.isEmpty() ? "" : line.substring(1)).append('\n'));
            last = kind;
        }

        private void each(char kind, Consumer<StringBuilder> change) {
            if (kind != '+') {
                change.accept(from);
            }
            if (kind != '-') {
                change.accept(to);
            }
        }

        Change change() {
            if (from.isEmpty()) {
                throw ToolArguments.wrong(
                        "diff", "has a hunk without a line of the file; give it lines around the change");
            }
            return new Change(from.toString(), to.toString());
        }
    }
}
