package dev.aegisvm.mcp.file;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.host.HostDirectory;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;

/** The tools that copy files between this host and a guest: {@code aegis cp} does it, between directories that are allowed. */
public final class HostCopies {
    private HostCopies() {}

    public static String in(Call call) throws IOException {
        String from = call.arguments().required("from");
        HostAccess.Place place = call.host().place(from);
        Path path = place.path();
        boolean contents = from.endsWith("/.") && Files.isDirectory(path);
        String to = guest(call, "to");
        makeDirectories(call, Files.isDirectory(path));
        try (HostDirectory held = place.hold(contents ? path : path.resolveSibling(""))) {
            Path name = contents ? Path.of(".") : Objects.requireNonNull(path.getFileName());
            return copy(call, held.forOthers().resolve(name).toString(), to, path);
        }
    }

    /** Those above what is copied to; where that ends with a slash, a file goes into it. */
    private static void makeDirectories(Call call, boolean tree) throws IOException {
        String to = call.arguments().required("to");
        int end = (tree ? to.replaceFirst("/+$", "") : to).lastIndexOf('/');
        if (end > 0) {
            FileTools.of(call).makeDirectories(to.substring(0, end));
        }
    }

    public static String out(Call call) throws IOException {
        Path asked = call.host().resolved(call.arguments().required("to"));
        boolean into = Files.isDirectory(asked);
        Path name = Objects.requireNonNullElse(asked.getFileName(), asked);
        HostAccess.Place place = call.host()
                .place(into ? asked.toString() : asked.resolveSibling("").toString());
        if (!place.writable()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    place.path() + " of this host may be read and not written",
                    "a person can add :rw to it in config.toml");
        }
        Path shown = into ? place.path() : place.path().resolve(name);
        if (Files.isSymbolicLink(shown)) {
            throw ErrorCode.BAD_REQUEST.refusal(shown + " is a symbolic link", "name another place");
        }
        try (HostDirectory held = place.hold(place.path())) {
            String to = held.forOthers().resolve(into ? Path.of(".") : name).toString();
            return copy(call, guest(call, "from"), to, shown);
        }
    }

    /** A place in the guest as {@code aegis cp} takes it; nothing that is an option. */
    private static String guest(Call call, String argument) {
        if (call.instance().startsWith("-")) {
            throw ToolArguments.wrong("name", "begins with '-'");
        }
        String path = call.arguments().required(argument);
        if (!path.startsWith("/")) {
            throw ToolArguments.wrong(argument, "is not an absolute path in the guest");
        }
        return new InstanceRef(call.instance()) + ":" + path;
    }

    /** @param shown what the path of the host is called, which is given by what is held open */
    private static String copy(Call call, String from, String to, Path shown) throws IOException {
        String aegis = DaemonLauncher.program().resolveSibling("aegis").toString();
        List<String> words = new ArrayList<>(List.of(aegis, "cp", "--json", "--no-follow"));
        if (call.arguments().has("user")) {
            words.addAll(List.of("--user", call.arguments().required("user")));
        }
        words.addAll(List.of(from, to));
        String what =
                call.arguments().required("from") + " to " + call.arguments().required("to");
        Process copying = new ProcessBuilder(words)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .start();
        // Not the process itself: that closes what is being read.
        call.closeWhenCancelled(copying.toHandle()::destroy);
        try {
            String said = call.progress()
                    .during(
                            "copying " + what,
                            () -> new String(copying.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8));
            if (copying.onExit().join().exitValue() != 0) {
                String held = from.startsWith("/") ? from : to;
                throw refusal(said.replace(held, shown.toString()));
            }
            return "copied " + what;
        } finally {
            copying.destroy();
        }
    }

    /** What the program said, which is the daemon's refusal or its own. */
    private static ApiException refusal(String said) {
        try {
            ApiError error = ApiJson.answer(ApiError.class, said.strip().getBytes(StandardCharsets.UTF_8));
            return new ApiException(ErrorCode.FILE_REFUSED.status(), error, null);
        } catch (RuntimeException noJson) {
            return ErrorCode.FILE_REFUSED.refusal("the copy failed: " + said.strip(), noJson);
        }
    }
}
