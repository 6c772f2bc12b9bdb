package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.guest.ProcessSpec;
import dev.aegisvm.daemon.guest.TerminalSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the guest is told of the processes that it has to start. */
final class ProcessSpecs {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String HOME = "/root";

    private ProcessSpecs() {}

    /**
     * The main process; it has a stdin where a client is attached.
     *
     * @param secrets values by name
     */
    static ProcessSpec main(InstanceSpec spec, Map<String, String> secrets) {
        Optional<TerminalSize> tty = spec.tty().map(ProcessSpecs::size);
        return new ProcessSpec(
                ProcessSpec.MAIN,
                spec.command(),
                environment(spec, secrets, Map.of(), tty.isPresent()),
                Optional.of(directory(spec).orElse(HOME)),
                Optional.empty(),
                tty,
                spec.ephemeral());
    }

    /**
     * A further process. Another user than root is not let into root's home, and has its own in the guest's passwd.
     *
     * @param secrets values by name
     * @param stdin whether the client will send something
     */
    static ProcessSpec exec(
            InstanceSpec spec, Map<String, String> secrets, String execId, ExecRequest request, boolean stdin) {
        Optional<TerminalSize> tty = Optional.ofNullable(request.tty()).map(ProcessSpecs::size);
        Optional<String> user = Optional.ofNullable(request.user()).filter(name -> !name.isEmpty());
        boolean root = user.map(ProcessSpecs::isRoot).orElse(true);
        Map<String, String> environment =
                environment(spec, secrets, CreateCheck.checkEnv(request.env()), tty.isPresent());
        if (!root && Stream.of(request.env(), spec.env(), secrets).noneMatch(given -> given.containsKey("HOME"))) {
            environment.remove("HOME");
        }
        String usual = directory(spec).orElse(root ? HOME : "/");
        return new ProcessSpec(
                execId,
                CreateCheck.checkCommand(request.command()),
                environment,
                Optional.of(request.cwd() == null ? usual : request.cwd()),
                user,
                tty,
                stdin);
    }

    /** Where its processes begin: in the workspace, which a `run` always has, if only on the VM's own disk. */
    private static Optional<String> directory(InstanceSpec spec) {
        return spec.ephemeral() || spec.workspace().isPresent() ? Optional.of(Workspace.GUEST_PATH) : Optional.empty();
    }

    private static boolean isRoot(String user) {
        String name = user.indexOf(':') < 0 ? user : user.substring(0, user.indexOf(':'));
        return name.equals("root") || name.equals("0");
    }

    /** What a guest's refusal to start a process is to clients. */
    static ErrorCode codeOf(GuestException refusal, ErrorCode otherwise) {
        return switch (refusal.reason()) {
            case COMMAND_NOT_FOUND -> ErrorCode.COMMAND_NOT_FOUND;
            case NOT_EXECUTABLE -> ErrorCode.COMMAND_NOT_EXECUTABLE;
            case NO_SUCH_PROCESS, WRONG_STATE, SYSTEM, TOO_MANY, NOT_UNDERSTOOD, TIMED_OUT, SESSION_OVER -> otherwise;
        };
    }

    /** One sentence for it. */
    static String refusal(ErrorCode code, List<String> command, GuestException refusal) {
        if (code == ErrorCode.COMMAND_NOT_FOUND) {
            return "command not found: " + command.getFirst();
        }
        return code == ErrorCode.COMMAND_NOT_EXECUTABLE
                ? "cannot execute: " + command.getFirst()
                : String.valueOf(refusal.getMessage());
    }

    /** What is explicit wins over a secret of the same name, and a secret over our defaults; the id is always true. */
    private static Map<String, String> environment(
            InstanceSpec spec, Map<String, String> secrets, Map<String, String> more, boolean terminal) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", PATH);
        all.put("HOME", HOME);
        all.put("HOSTNAME", spec.hostname());
        all.put("LANG", "C.UTF-8");
        if (terminal) {
            all.put("TERM", "xterm-256color");
        }
        all.putAll(secrets);
        all.putAll(spec.env());
        all.putAll(more);
        all.put("AEGIS_INSTANCE_ID", spec.id());
        return all;
    }

    private static TerminalSize size(dev.aegisvm.api.TerminalSize size) {
        return new TerminalSize(size.rows(), size.cols());
    }
}
