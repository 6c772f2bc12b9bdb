package dev.aegisvm.mcp.file;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.mcp.tool.McpTool.Call;
import dev.aegisvm.mcp.tool.ToolArguments;
import io.avaje.jsonb.*;

/**
 * {@code file_edit}: a text in a file is replaced by another, or several at once by a unified diff. All of it is done or nothing; a
 * mistake is told with the lines that are nearest.
 */
public final class FileEdit {
    private static final int MAX_BYTES = 4 << 20;
    private static final int SHOWN = 5;
    /** Of places, those whose lines are told. */
    private static final int LOOKED_AT = 100;
    /** In which the nearest ones are looked for. */
    private static final int MAX_LINES = 20_000;

    private static final int SHOWN_LENGTH = 200;

    /** Where the part of a file begins in a unified diff. */
    private static final Pattern FILES = Pattern.compile("(?m)^--- .*\n\\+\\+\\+ .*\n@@ ");

    /** Edits of one file go one after the other. Each file has one of these, which it shares with others. */
    private static final List<Lock> TURNS =
            Stream.<Lock>generate(ReentrantLock::new).limit(16).toList();

    /** A guest that does not answer holds back edits of other files no longer than that. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private FileEdit() {}

    @Json
    record Edited(int replaced, long size) {}

    public static String edit(Call call) throws IOException {
        List<Change> changes = changes(call.arguments());
        String path = call.arguments().required("path");
        // A file that instances share may have another path in each, but has one name.
        int number = Math.floorMod(path.substring(path.lastIndexOf('/') + 1).hashCode(), TURNS.size());
        Lock turn = TURNS.get(number);
        // Of all sessions of this host.
        Path lock = call.launcher().home().data().resolve("edit-" + number + ".lock");
        boolean all = call.arguments().flag("all");
        turn.lock();
        try {
            // Connects, and starts the daemon, which makes the directory.
            InstanceFiles files = FileTools.of(call);
            try (FileChannel held = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                var _ = held.lock();
                return call.within(LONGEST, files.daemon()::hangUp, () -> edit(files, path, changes, all));
            }
        } finally {
            turn.unlock();
        }
    }

    private static String edit(InstanceFiles files, String path, List<Change> changes, boolean all) throws IOException {
        FileView before = files.stat(path);
        String text = read(files, path);
        int replaced = 0;
        for (Change change : changes) {
            int places = all ? Math.max(1, change.places(text).size()) : 1;
            if (text.length() + (long) places * change.to().length() > 2L * MAX_BYTES) {
                throw ErrorCode.TOO_LARGE.refusal(
                        "the file would become larger than this tool writes",
                        "change it by a program: exec sed or python3");
            }
            text = change.apply(text, all);
            replaced += places;
        }
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        if (!files.stat(path).equals(before)) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    "a program in the guest changed the file meanwhile, and nothing was written", "call again");
        }
        files.write(path, content);
        return Jsonb.instance().toJson(new Edited(replaced, content.length));
    }

    private static List<Change> changes(ToolArguments given) {
        String diff = given.text("diff");
        String old = given.text("old");
        if ((diff == null) == (old == null)) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "give either old and new, or diff; old is not empty: file_write makes a file");
        }
        return old == null
                ? ofDiff(Objects.requireNonNull(diff))
                : List.of(new Change("old", old, Objects.requireNonNullElse(given.text("new"), ""), false));
    }

    private static String read(InstanceFiles files, String path) throws IOException {
        byte[] bytes = files.bytes(path, 0, MAX_BYTES + 1);
        String text = bytes.length > MAX_BYTES ? null : FileTools.decoded(ByteBuffer.wrap(bytes));
        if (text == null) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    bytes.length > MAX_BYTES ? "the file has more than 4 MiB" : "the file is not UTF-8 text",
                    "change it by a program: exec sed or python3");
        }
        return text;
    }

    /**
     * A text that takes the place of another.
     *
     * @param called what a model knows it as
     * @param wholeLines whether it is found only where it begins and ends with a line
     */
    record Change(String called, String from, String to, boolean wholeLines) {
        String apply(String text, boolean all) {
            List<Integer> places = places(text);
            int last = text.length() - from.length() + 1;
            if (places.isEmpty() && from.endsWith("\n") && text.endsWith(chopped(from)) && begins(text, last)) {
                // The last line of the file has no newline.
                return text.substring(0, last) + chopped(to);
            }
            if (places.isEmpty()) {
                throw missing(text);
            }
            if (places.size() > 1 && !all) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        called + " occurs " + places.size() + " times, in lines " + lines(text, places),
                        "add lines around it to make it unique, or set all");
            }
            StringBuilder changed = new StringBuilder();
            int end = 0;
            for (int at : places) {
                changed.append(text, end, at).append(to);
                end = at + from.length();
            }
            return changed.append(text, end, text.length()).toString();
        }

        List<Integer> places(String text) {
            List<Integer> places = new ArrayList<>();
            int at = text.indexOf(from);
            while (at >= 0) {
                boolean found = begins(text, at) && ends(text, at + from.length());
                if (found) {
                    places.add(at);
                }
                at = text.indexOf(from, at + (found ? from.length() : 1));
            }
            return places;
        }

        /** Shows the line that is most like the first one that is wanted, with those after it. */
        private ApiException missing(String text) {
            String windows = from.replace("\n", "\r\n");
            if (!windows.equals(from) && text.contains(windows)) {
                return ErrorCode.BAD_REQUEST.refusal(
                        called + " is in the file but for its line ends: there, lines end with CRLF (\\r\\n)",
                        "end the lines of old and new with \\r\\n, or turn the file's into \\n first: exec sed -i 's/\\r$//' PATH");
            }
            String first = from.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .findFirst()
                    .orElse("");
            List<String> lines = text.lines().limit(MAX_LINES).toList();
            String nearest = IntStream.range(0, lines.size())
                    .boxed()
                    .max(Comparator.comparingInt(
                            number -> likeness(cut(lines.get(number)).strip(), cut(first))))
                    .stream()
                    .flatMap(best -> IntStream.range(best, Math.min(lines.size(), best + SHOWN))
                            .boxed())
                    .map(number -> "\n" + (number + 1) + "\t" + cut(lines.get(number)))
                    .collect(Collectors.joining());
            return ErrorCode.BAD_REQUEST.refusal(
                    called + " is not in the file" + (nearest.isEmpty() ? "" : "; nearest to it:" + nearest),
                    "read these lines with file_read, and give them exactly as they are, with every blank; nothing was changed");
        }

        private boolean begins(String text, int at) {
            return !wholeLines || at == 0 || text.charAt(at - 1) == '\n';
        }

        private boolean ends(String text, int end) {
            return !wholeLines || from.endsWith("\n") || end == text.length();
        }
    }

    private static String chopped(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** The numbers of the lines of the first places. */
    private static String lines(String text, List<Integer> places) {
        return places.stream()
                .limit(LOOKED_AT)
                .map(at -> Long.toString(1
                        + text.substring(0, at)
                                .chars()
                                .filter(each -> each == '\n')
                                .count()))
                .distinct()
                .limit(SHOWN)
                .collect(Collectors.joining(", "));
    }

    private static String cut(String line) {
        return line.substring(0, Math.min(line.length(), SHOWN_LENGTH));
    }

    /** How many words two lines have in common, against all. */
    private static int likeness(String one, String other) {
        Set<String> same = new HashSet<>(List.of(one.split("\\W+", -1)));
        Set<String> words = new HashSet<>(List.of(other.split("\\W+", -1)));
        int all = same.size() + words.size();
        same.retainAll(words);
        return 2000 * same.size() / all;
    }

    /** The hunks of a unified diff, each as the lines that it finds and those that it leaves. */
    static List<Change> ofDiff(String diff) {
        if (FILES.matcher(diff).results().count() > 1) {
            throw ToolArguments.wrong(
                    "diff", "has parts for several files: give that of one, and call again for the next");
        }
        String[] hunks = ("\n" + diff).split("\n@@.*\n", -1);
        if (hunks.length < 2) {
            throw ToolArguments.wrong(
                    "diff", "has no hunk: a line such as @@ -1,3 +1,4 @@, and lines that start with ' ', '-' or '+'");
        }
        return IntStream.range(1, hunks.length)
                .mapToObj(number -> new Change(
                        "the old text of hunk " + number + " of the diff",
                        side(hunks[number], '-'),
                        side(hunks[number], '+'),
                        true))
                .toList();
    }

    /** The lines of a hunk that are in the file before or after the change. */
    private static String side(String hunk, char sign) {
        StringBuilder side = new StringBuilder();
        boolean taken = false;
        for (String line : hunk.lines().toList()) {
            char kind = line.isEmpty() ? ' ' : line.charAt(0);
            if (" -+\\".indexOf(kind) < 0) {
                throw ToolArguments.wrong("diff", "has a line in a hunk that begins with none of ' ', '-', '+'");
            }
            if (kind == '\\' && taken) {
                // The line before it has no newline.
                side.setLength(side.length() - 1);
            }
            taken = kind == ' ' || kind == sign;
            if (taken) {
                side.append(line, Math.min(1, line.length()), line.length()).append('\n');
            }
        }
        if (side.isEmpty() && sign == '-') {
            throw ToolArguments.wrong("diff", "has a hunk without a line of the file; give it lines around the change");
        }
        return side.toString();
    }
}
