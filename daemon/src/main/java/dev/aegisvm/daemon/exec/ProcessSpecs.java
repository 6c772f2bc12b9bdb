package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ImageUse;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import org.jspecify.annotations.Nullable;

/** What the guest is told of the processes that it has to start. */
public final class ProcessSpecs {
    private static final String HOME = "/root";
    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private ProcessSpecs() {}

    /** The main process; it has a stdin where a client is attached. */
    public static ProcessSpec main(InstanceSpec spec, Map<String, String> secrets) {
        ExecRequest main = ExecRequestBuilder.builder()
                .command(spec.environment().command())
                .tty(spec.tty().orElse(null))
                .build();
        return exec(spec, secrets, ProcessSpec.MAIN, main, spec.hasClient());
    }

    /** Where its main process finds Java, as far as its environment says so. */
    public static Optional<String> javaHome(InstanceSpec spec) {
        return Optional.ofNullable(main(spec, Map.of()).env().get("JAVA_HOME"));
    }

    /** A further process. A user other than root is not let into root's home, and has its own in the guest's passwd. */
    static ProcessSpec exec(
            InstanceSpec spec, Map<String, String> secrets, String execId, ExecRequest request, boolean stdin) {
        Optional<TerminalSize> tty = Optional.ofNullable(request.tty());
        Optional<String> user = user(spec, request.user());
        List<String> command = Environment.checkCommand(request.command());
        Map<String, String> env =
                environment(spec, secrets, Environment.checkEnv(request.env()), isRoot(user), tty.isPresent());
        Environment.checkFits(command, env);
        return new ProcessSpec(
                execId,
                command,
                env,
                Optional.of(directory(spec, request.cwd(), isRoot(user))),
                user,
                tty,
                Optional.ofNullable(request.session()),
                stdin);
    }

    /** Who was asked for, now or for the instance; else the image's user; empty: root. */
    private static Optional<String> user(InstanceSpec spec, @Nullable String asked) {
        return Optional.ofNullable(asked)
                .or(() -> spec.environment().user())
                .or(() -> spec.image().map(ImageUse::user))
                .filter(name -> !name.isEmpty())
                .map(Environment::checkUser);
    }

    /**
     * What was asked for, now or for the instance; else the image's; else the workspace, which a `run` always has; else
     * root's home, which other users may not enter.
     */
    private static String directory(InstanceSpec spec, @Nullable String asked, boolean root) {
        boolean workspace = spec.hasClient() || spec.mounts().workspace().isPresent();
        return Optional.ofNullable(asked)
                .or(() -> spec.environment().cwd())
                .or(() -> spec.image().flatMap(ImageUse::directory))
                .or(() -> workspace ? Optional.of(Workspace.GUEST_PATH) : Optional.empty())
                .orElse(root ? HOME : "/");
    }

    private static boolean isRoot(Optional<String> user) {
        String name = user.orElse("root");
        return Set.of("root", "0").contains(name.indexOf(':') < 0 ? name : name.substring(0, name.indexOf(':')));
    }

    /** What a guest's refusal to start a process is to clients. */
    public static ErrorCode codeOf(GuestException refusal, ErrorCode otherwise) {
        return switch (refusal.reason()) {
            case COMMAND_NOT_FOUND -> ErrorCode.COMMAND_NOT_FOUND;
            case NOT_EXECUTABLE -> ErrorCode.COMMAND_NOT_EXECUTABLE;
            case SYSTEM, NOT_UNDERSTOOD -> remedy(refusal).isEmpty() ? otherwise : ErrorCode.BAD_REQUEST;
            case NO_SUCH_PROCESS, WRONG_STATE, TOO_MANY, TIMED_OUT, SESSION_OVER -> otherwise;
        };
    }

    /** What to do where the guest cannot start a process in that place, or as that user; else empty. */
    private static String remedy(GuestException refusal) {
        String said = withoutCall(refusal);
        if (said.startsWith("working directory: ")) {
            return "; make it with mkdir -p, or name another directory";
        }
        return said.startsWith("user ") ? "; add the user with useradd, or leave the user out to run as root" : "";
    }

    private static String withoutCall(GuestException refusal) {
        return String.valueOf(refusal.getMessage()).replaceFirst("^(run|exec): ", "");
    }

    public static String refusal(ErrorCode code, List<String> command, GuestException refusal) {
        if (code == ErrorCode.COMMAND_NOT_FOUND) {
            return "command not found: " + command.getFirst();
        }
        if (code == ErrorCode.COMMAND_NOT_EXECUTABLE) {
            return "cannot execute: " + command.getFirst();
        }
        String remedy = remedy(refusal);
        return remedy.isEmpty() ? String.valueOf(refusal.getMessage()) : withoutCall(refusal) + remedy;
    }

    /** What is explicit wins over a secret, that over the image, and that over our defaults; the id is always true. */
    private static Map<String, String> environment(
            InstanceSpec spec, Map<String, String> secrets, Map<String, String> more, boolean root, boolean terminal) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", ProcessSpec.PATH);
        all.put("HOSTNAME", spec.hostname());
        if (root) {
            all.put("HOME", HOME);
        }
        if (terminal) {
            all.put("TERM", "xterm-256color");
        }
        // An image may lack this locale, and sets one that it has.
        spec.image().ifPresentOrElse(image -> all.putAll(image.env()), () -> all.put("LANG", "C.UTF-8"));
        all.putAll(secrets);
        all.putAll(spec.environment().env());
        all.putAll(more);
        all.put("AEGIS_INSTANCE_ID", spec.id());
        return all;
    }

    public static void checkSession(String session) {
        if (!SESSION.matcher(session).matches()) {
            throw ErrorCode.BAD_REQUEST.refusal("session must be 1 to 64 characters of A-Z a-z 0-9 - _ .");
        }
    }
}
