package dev.aegisvm.mcp.file;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** The tools that tell what files a guest has, move them, and find text in them. */
public final class FileLists {
    private static final int MAX_ENTRIES = 1000;
    /** Directories that a listing looks into at most. */
    private static final int MAX_DIRECTORIES = 2000;

    /** Of names and targets of symlinks together. */
    private static final int MAX_CHARACTERS = 64 * 1024;

    /** Of one directory, entries that are looked at. */
    private static final int MAX_IN_DIRECTORY = 50_000;

    private static final int SEARCH_S = 60;
    private static final int NOTHING_FOUND = 1;

    private FileLists() {}

    /** Directories of version control and caches: what is in them is seldom meant. */
    private static final Set<String> SKIPPED = Set.of(
            ".git",
            ".hg",
            ".svn",
            ".cache",
            "__pycache__",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            "node_modules");

    /** Whether a path is that of one of those, or leads into one. */
    static boolean isSkipped(String path) {
        return Arrays.stream(path.split("/", -1)).anyMatch(SKIPPED::contains);
    }

    /** @param owner uid:gid, where that is not root */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Entry(
            String name,
            String type,
            @Nullable Long size,
            String mode,
            @Nullable String owner,
            Instant modifiedAt,
            @Nullable String target) {
        static Entry of(FileView file, String name) {
            return new Entry(
                    name,
                    file.type(),
                    file.type().equals("file") ? file.size() : null,
                    file.mode(),
                    file.uid() == 0 && file.gid() == 0 ? null : file.uid() + ":" + file.gid(),
                    file.modifiedAt().truncatedTo(ChronoUnit.SECONDS),
                    file.target());
        }
    }

    /** @param note what is missing, where there is more than an answer holds */
    @Json
    record Listing(List<Entry> entries, @Nullable String note) {}

    public static String list(Call call) throws IOException {
        return Jsonb.instance().toJson(new Walk(FileTools.of(call), call.arguments()).listing());
    }

    /** What was found on the way through directories; a guest may have any number of them, with any number of entries. */
    private static final class Walk {
        private final InstanceFiles files;
        private final ToolArguments given;
        private final Predicate<String> wanted;
        private final List<Entry> found = new ArrayList<>();
        /** Below the one that was asked for, with a slash behind each. */
        private final Deque<String> directories = new ArrayDeque<>(List.of(""));

        private int characters;
        private boolean cut;

        Walk(InstanceFiles files, ToolArguments given) {
            this.files = files;
            this.given = given;
            this.wanted = matching(given.text("glob"));
        }

        /** Goes from directory to directory, to those at the depth that is wanted. */
        Listing listing() throws IOException {
            for (int seen = 0; seen < MAX_DIRECTORIES && !isFull() && !directories.isEmpty(); seen++) {
                String inside = directories.removeFirst();
                try {
                    look(inside);
                } catch (ApiException refusal) {
                    // What is below may be another user's, or be gone by now, as in /proc.
                    if (inside.isEmpty() || !refusal.error().code().startsWith("file_")) {
                        throw refusal;
                    }
                }
            }
            boolean more = cut || isFull() || !directories.isEmpty();
            String note = more ? "only the first are shown: name a directory below, or a glob" : null;
            return new Listing(found.subList(0, Math.min(MAX_ENTRIES, found.size())), note);
        }

        private boolean isFull() {
            return found.size() > MAX_ENTRIES || characters > MAX_CHARACTERS;
        }

        private void look(String inside) throws IOException {
            boolean last = inside.chars().filter(each -> each == '/').count() + 1 >= given.number("depth");
            boolean all = given.flag("all");
            try (JsonLines entries = files.list(given.required("path") + "/" + inside)) {
                byte[] entry = entries.next();
                for (int count = 0; entry != null && count < MAX_IN_DIRECTORY && !isFull(); count++) {
                    FileView file = ApiJson.answer(FileView.class, entry);
                    boolean entered = file.isDirectory() && !last && (all || !SKIPPED.contains(file.name()));
                    if (entered && directories.size() < MAX_DIRECTORIES) {
                        directories.add(inside + file.name() + "/");
                    }
                    add(file, inside + file.name());
                    entry = entries.next();
                }
                cut |= entry != null;
            }
        }

        private void add(FileView file, String name) {
            if (wanted.test(file.name()) || wanted.test(name)) {
                found.add(Entry.of(file, name));
                characters += name.length()
                        + Objects.requireNonNullElse(file.target(), "").length();
            }
        }
    }

    private static Predicate<String> matching(@Nullable String glob) {
        if (glob == null) {
            return _ -> true;
        }
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            return name -> matcher.matches(Path.of(name));
        } catch (PatternSyntaxException mistake) {
            throw ToolArguments.wrong("glob", "is not a valid pattern: " + mistake.getDescription());
        }
    }

    public static String search(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int context = given.number("context");
        List<String> command = List.of(
                "sh",
                "-c",
                TextResource.of(FileLists.class, "search.sh"),
                "sh",
                given.required("pattern"),
                given.required("path"),
                Objects.requireNonNullElse(given.text("glob"), ""),
                given.flag("ignore_case") ? "-i" : "",
                context == 0 ? "" : Integer.toString(context));
        ProcessTools.Whole ended = ProcessTools.whole(call, call.instance(), command, SEARCH_S, Excerpt.of(given));
        String matches = ended.stdout().firstLines();
        if (matches.isEmpty() && ended.exitCode() == ExecRequest.TIMED_OUT) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    "the search took more than " + SEARCH_S + " s", "name a directory below, or a glob");
        }
        if (matches.isEmpty() && ended.exitCode() != NOTHING_FOUND) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    "the search failed: " + ended.stderr().strip(), "check pattern, path and glob");
        }
        long left = ended.stdout().lines() - matches.lines().count();
        // With those around them, lines do not tell which of them match.
        boolean alone = context == 0 || matches.isEmpty();
        return new PlainAnswer()
                .fact("matches", alone ? ended.stdout().lines() : null)
                .fact("not_shown", left > 0 ? left + "; name a glob or a directory below, or a larger max_bytes" : null)
                .with(matches);
    }

    public static String manage(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String path = given.required("path");
        String to = given.text("to");
        String action = given.required("action");
        if (action.equals("move") && to == null) {
            throw ToolArguments.wrong("to", "is missing: where to move it");
        }
        Route<Void, Actions.ActionView> route = switch (action) {
            case "move" -> Routes.MOVE_FILE;
            case "remove" -> Routes.REMOVE_FILE;
            default -> Routes.MAKE_DIRECTORY;
        };
        RouteCall<Actions.ActionView> request = route.to(call.instance())
                .query("path", path)
                .query("to", action.equals("move") ? to : null)
                .query("user", given.text("user"))
                .flag("parents", action.equals("mkdir"))
                .flag("recursive", given.flag("recursive") && action.equals("remove"));
        try {
            return call.ask(request);
        } catch (ApiException refusal) {
            if (to == null || !refusal.error().code().equals(ErrorCode.FILE_NOT_FOUND.wire())) {
                throw refusal;
            }
            // The directories above the new place are made, if what is moved is there.
            InstanceFiles files = FileTools.of(call);
            var _ = files.stat(path);
            files.makeDirectories(Path.of(to).resolveSibling("").toString());
            return call.ask(request);
        }
    }
}
