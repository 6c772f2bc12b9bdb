package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Jsonb;

/** The tools that copy files between this host and a guest: {@code aegis cp} does it, between directories that are allowed. */
final class HostCopies {
    private static final int FAILED = 500;

    private HostCopies() {}

    static List<McpTool> tools() {
        return List.of(
                McpTool.destroys("copy_in", "Copy files into an instance")
                        .about("""
                            Copies a file or a directory of this host, with all in it, into a running instance. The host's path has to be \
                            within the project's directories.""")
                        .takesInstance()
                        .takes("from", Kind.TEXT, "path on the host; DIR/. means what is in it")
                        .takes("to", Kind.TEXT, FileTools.PATH)
                        .mayTakeUser()
                        .does(HostCopies::in),
                McpTool.destroys("copy_out", "Copy files out of an instance")
                        .about("""
                            Copies a file or a directory of a running instance to this host, where files of the same names are replaced. \
                            The host's path has to be within the project's directories.""")
                        .takesInstance()
                        .takes("from", Kind.TEXT, FileTools.PATH)
                        .takes("to", Kind.TEXT, "path on the host: an existing directory, or a new name in one")
                        .mayTakeUser()
                        .does(HostCopies::out));
    }

    private static String in(Call call) throws IOException {
        String from = call.arguments().required("from");
        Path path = call.directories().place(from).path();
        return copy(call, path + (from.endsWith("/.") ? "/." : ""), guest(call, "to"));
    }

    private static String out(Call call) throws IOException {
        Path asked = call.directories().resolved(call.arguments().required("to"));
        boolean into = Files.isDirectory(asked);
        Path name = asked.getFileName();
        Path parent = asked.getParent();
        HostDirectories.Place place =
                call.directories().place(into ? asked.toString() : parent == null ? "." : parent.toString());
        if (!place.writable()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    place.path() + " of this host may be read and not written",
                    "a person can add :rw to it in config.toml");
        }
        Path to = into || name == null ? place.path() : place.path().resolve(name.toString());
        if (Files.isSymbolicLink(to)) {
            throw ErrorCode.BAD_REQUEST.refusal(to + " is a symbolic link", "name another place");
        }
        return copy(call, guest(call, "from"), to.toString());
    }

    private static String guest(Call call, String argument) {
        return call.instance() + ":" + call.arguments().required(argument);
    }

    private static String copy(Call call, String from, String to) throws IOException {
        String user = call.arguments().text("user");
        List<String> command = new ArrayList<>(
                List.of(DaemonLauncher.program().resolveSibling("aegis").toString(), "cp", "--json"));
        if (user != null) {
            command.addAll(List.of("--user", user));
        }
        command.addAll(List.of("--", from, to));
        Process copying = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .start();
        var _ = call.cancelled().thenRun(copying::destroy);
        String said = call.progress()
                .during(
                        "copying " + from + " to " + to,
                        () -> new String(copying.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8));
        if (copying.onExit().join().exitValue() != 0) {
            throw refusal(said.strip());
        }
        return "copied " + from + " to " + to;
    }

    /** The last line is the API's error as JSON; else what was said is all that is known. */
    private static ApiException refusal(String said) {
        String last = said.substring(said.lastIndexOf('\n') + 1);
        try {
            return new ApiException(
                    FAILED, Jsonb.instance().type(ApiError.class).fromJson(last), null);
        } catch (RuntimeException noJson) {
            return ErrorCode.FILE_REFUSED.refusal(said.isEmpty() ? "the copy broke off" : said);
        }
    }
}
