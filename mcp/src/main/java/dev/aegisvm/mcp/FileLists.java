package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** The tools that tell what files a guest has, move them, and find text in them. */
final class FileLists {
    private static final int MAX_ENTRIES = 1000;
    private static final int MAX_DEPTH = 16;
    /** Directories that a listing looks into at most. */
    private static final int MAX_DIRECTORIES = 2000;

    private static final int SEARCH_S = 60;
    private static final int NOTHING_FOUND = 1;
    /** Prefers ripgrep; both print PATH:LINE:TEXT, and neither looks into binary files. */
    private static final String SEARCH = """
        p=$1 d=$2 g=$3 i=$4
        if command -v rg >/dev/null; then
            exec rg -n --no-heading --color never -H $i ${g:+-g "$g"} -e "$p" -- "$d"
        fi
        exec grep -rnIEH $i ${g:+--include="$g"} -e "$p" -- "$d\"""";

    private FileLists() {}

    static McpTool listTool() {
        return McpTool.reads("file_list", "List a directory of an instance")
                .about("""
                    Lists a directory in a running instance, at most %d entries, one a line: name, type, size, mode, owner, time, target of \
                    a symlink.""".formatted(MAX_ENTRIES))
                .takesInstance()
                .takes("path", Kind.TEXT, FileTools.PATH)
                .mayTake("depth", Kind.number(1, MAX_DEPTH).or(1), "how many levels of directories")
                .mayTake("glob", Kind.TEXT, "only what matches, such as *.py or src/**.c")
                .mayTakeUser()
                .does(FileLists::list);
    }

    /** A listing that grows, directory by directory. */
    private static final class Listing {
        private final InstanceFiles files;
        private final int depth;
        private final @Nullable PathMatcher glob;
        private final List<String> lines = new ArrayList<>();
        private int directories;

        Listing(InstanceFiles files, int depth, @Nullable PathMatcher glob) {
            this.files = files;
            this.depth = depth;
            this.glob = glob;
        }

        /** @param inside the path of the directory below the one that was asked for; empty for that one */
        void add(String directory, String inside, int level) throws IOException {
            List<String> below = new ArrayList<>();
            directories++;
            try (JsonLines entries = files.list(directory)) {
                for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                    FileView file = ApiJson.answer(FileView.class, entry);
                    String name = inside + file.name();
                    if (matches(name, file.name())) {
                        lines.add(ApiJson.text(named(file, name)));
                    }
                    if (file.isDirectory() && level < depth) {
                        below.add(file.name());
                    }
                    if (lines.size() > MAX_ENTRIES) {
                        return;
                    }
                }
            }
            for (String name : below) {
                if (lines.size() <= MAX_ENTRIES && directories < MAX_DIRECTORIES) {
                    add(directory + "/" + name, inside + name + "/", level + 1);
                }
            }
        }

        private boolean matches(String path, String name) {
            try {
                return glob == null || glob.matches(Path.of(path)) || glob.matches(Path.of(name));
            } catch (InvalidPathException strange) {
                return false;
            }
        }

        private static FileView named(FileView file, String name) {
            return new FileView(
                    name,
                    file.type(),
                    file.size(),
                    file.mode(),
                    file.uid(),
                    file.gid(),
                    file.modifiedAt(),
                    file.target());
        }
    }

    private static String list(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String glob = given.text("glob");
        List<String> lines;
        try (DaemonClient client = call.client()) {
            PathMatcher matcher = glob == null ? null : FileSystems.getDefault().getPathMatcher("glob:" + glob);
            Listing listing = new Listing(FileTools.of(call, client), given.number("depth"), matcher);
            listing.add(given.required("path"), "", 1);
            lines = listing.lines;
        } catch (PatternSyntaxException mistake) {
            throw ToolArguments.wrong("glob", "is no pattern: " + mistake.getDescription());
        }
        if (lines.size() > MAX_ENTRIES) {
            lines.set(MAX_ENTRIES, "(and more: only the first " + MAX_ENTRIES + " are shown; a glob picks some)");
        }
        return lines.isEmpty() ? "(empty)" : String.join("\n", lines);
    }

    /** @param processes run the search */
    static McpTool searchTool(ProcessTools processes) {
        return McpTool.reads("file_search", "Search files of an instance")
                .about("""
                    Finds lines in the files below a directory of a running instance, by ripgrep where the image has it, else by grep. \
                    A line is: path:number:text.""")
                .takesInstance()
                .takes("pattern", Kind.TEXT, "a regular expression")
                .takes("path", Kind.TEXT, FileTools.PATH)
                .mayTake("glob", Kind.TEXT, "only files whose name matches, such as *.py")
                .mayTake("ignore_case", Kind.FLAG, "")
                .mayTake("max_bytes", Kind.number(256, 65536).or(16384), "")
                .mayTakeUser()
                .does(call -> search(call, processes));
    }

    private static String search(Call call, ProcessTools processes) throws IOException {
        ToolArguments given = call.arguments();
        List<String> command = List.of(
                "sh",
                "-c",
                SEARCH,
                "sh",
                given.required("pattern"),
                given.required("path"),
                Objects.requireNonNullElse(given.text("glob"), ""),
                given.flag("ignore_case") ? "-i" : "");
        ProcessRun.Ended ended = processes.run(call, command, SEARCH_S);
        boolean found = !ended.stdout().isEmpty();
        if (!found && ended.exitCode() != NOTHING_FOUND) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    "the search failed: " + ended.stderr().strip(),
                    "check pattern and path; the pattern is an extended regular expression");
        }
        return found ? ended.stdout() : "(nothing found)";
    }

    static McpTool manageTool() {
        return McpTool.destroys("file_manage", "Move, remove or make directories")
                .about(
                        "Moves or removes a file or a directory in a running instance, or makes a directory with those above it.")
                .takesInstance()
                .takes("action", Kind.word("move", "remove", "mkdir"), "")
                .takes("path", Kind.TEXT, FileTools.PATH)
                .mayTake("to", Kind.TEXT, "for move: the new path; a file there is replaced")
                .mayTake("recursive", Kind.FLAG, "for remove: a directory with all that is in it")
                .mayTakeUser()
                .does(FileLists::manage);
    }

    private static String manage(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String path = given.required("path");
        String to = given.text("to");
        String action = given.word("action");
        if (action.equals("move") && to == null) {
            throw ToolArguments.wrong("to", "is missing: where to move it");
        }
        Route<Void, Actions.ActionView> route = switch (action) {
            case "move" -> Routes.MOVE_FILE;
            case "remove" -> Routes.REMOVE_FILE;
            default -> Routes.MAKE_DIRECTORY;
        };
        return call.ask(route.to(call.instance())
                .query("path", path)
                .query("to", action.equals("move") ? to : null)
                .query("user", given.text("user"))
                .flag("parents", action.equals("mkdir"))
                .flag("recursive", given.flag("recursive") && action.equals("remove")));
    }
}
