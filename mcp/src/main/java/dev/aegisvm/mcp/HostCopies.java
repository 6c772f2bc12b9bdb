package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.mcp.McpTool.Call;

/** The tools that copy files between this host and a guest: {@code aegis cp} does it, between directories that are allowed. */
final class HostCopies {
    private HostCopies() {}

    static String in(Call call) throws IOException {
        String from = call.arguments().required("from");
        Path path = call.directories().place(from).path();
        return copy(call, path + (from.endsWith("/.") ? "/." : ""), guest(call, "to"));
    }

    static String out(Call call) throws IOException {
        Path asked = call.directories().resolved(call.arguments().required("to"));
        boolean into = Files.isDirectory(asked);
        Path name = Objects.requireNonNullElse(asked.getFileName(), asked);
        HostDirectories.Place place = call.directories()
                .place(into ? asked.toString() : asked.resolveSibling("").toString());
        if (!place.writable()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    place.path() + " of this host may be read and not written",
                    "a person can add :rw to it in config.toml");
        }
        Path to = into ? place.path() : place.path().resolve(name.toString());
        if (Files.isSymbolicLink(to)) {
            throw ErrorCode.BAD_REQUEST.refusal(to + " is a symbolic link", "name another place");
        }
        return copy(call, guest(call, "from"), to.toString());
    }

    private static String guest(Call call, String argument) {
        return call.instance() + ":" + call.arguments().required(argument);
    }

    private static String copy(Call call, String from, String to) throws IOException {
        List<String> words = new ArrayList<>(List.of("cp"));
        if (call.arguments().has("user")) {
            words.addAll(List.of("--user", call.arguments().required("user")));
        }
        words.addAll(List.of("--", from, to));
        Said said = aegis(call, "copying " + from + " to " + to, Integer.MAX_VALUE, words);
        if (said.exitCode() != 0) {
            throw ErrorCode.FILE_REFUSED.refusal(
                    "the copy failed: " + said.text().strip());
        }
        return "copied " + from + " to " + to;
    }

    /** What a command of ours said, and how it ended. */
    record Said(String text, int exitCode) {}

    /** Calls {@code aegis}, for so many seconds at most. */
    static Said aegis(Call call, String what, int seconds, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(words);
        command.addFirst(DaemonLauncher.program().resolveSibling("aegis").toString());
        Process calling = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .start();
        var _ = call.cancelled()
                .copy()
                .completeOnTimeout(null, seconds, TimeUnit.SECONDS)
                .thenRun(calling::destroy);
        return call.progress().during(what, () -> {
            String said = new String(calling.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
            return new Said(said, calling.onExit().join().exitValue());
        });
    }
}
