package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.host.UntrustedMap;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What the processes of an instance are and have.
 *
 * @param cwd an absolute path of the guest, where one was asked for
 * @param user a name or a uid of the guest, with a group behind a colon or without, where one was asked for
 * @param timeout after which the main process is killed
 * @param trustHostCas they trust the certificate authorities that this host's administrator has added
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record Environment(
        List<String> command,
        Map<String, String> env,
        Optional<String> cwd,
        Optional<String> user,
        Optional<Duration> timeout,
        boolean trustHostCas)
        implements EnvironmentBuilder.With {
    /** The most bytes of an argument, or of a variable with its name, in Linux: MAX_ARG_STRLEN less a NUL, execve(2). */
    private static final int MAX_ARGUMENT = 128 * 1024 - 1;

    /** The same of all of them: a quarter of the guest's 8 MiB of stack, less a page for the program's own name. */
    private static final int MAX_ARGUMENTS = 2 * 1024 * 1024 - 4096;

    public static final Environment NONE =
            EnvironmentBuilder.builder().command(List.of()).env(Map.of()).build();

    public Environment {
        command = List.copyOf(command);
        env = UntrustedMap.copyOf(env);
    }

    /** What a request asks for, and what holds where it says nothing. */
    public Environment asked(CreateInstance request) {
        checkFits(request.command(), Objects.requireNonNullElse(request.env(), Map.of()));
        return new Environment(
                request.command().isEmpty() ? command : checkCommand(request.command()),
                request.env() == null ? env : checkEnv(request.env()),
                Optional.ofNullable(request.cwd()).map(Environment::checkCwd).or(this::cwd),
                Optional.ofNullable(request.user()).map(Environment::checkUser).or(this::user),
                Optional.ofNullable(request.timeoutMs())
                        .map(Environment::checkTimeout)
                        .or(this::timeout),
                Objects.requireNonNullElse(request.trustHostCas(), trustHostCas));
    }

    void show(InstanceViewBuilder view) {
        view.command(command)
                .cwd(cwd.orElse(null))
                .user(user.orElse(null))
                .timeoutMs(timeout.map(Duration::toMillis).orElse(null))
                .trustHostCas(trustHostCas);
    }

    public static List<String> checkCommand(List<String> command) {
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal("a command is required");
        }
        for (String argument : command) {
            if (argument.indexOf('\0') >= 0) {
                throw ErrorCode.BAD_REQUEST.refusal("an argument must not contain a NUL character");
            }
        }
        return command;
    }

    /** Checks that Linux takes a command with these variables; each of them counts with a NUL and a pointer. */
    public static void checkFits(List<String> command, Map<String, String> env) {
        long sum = 0;
        for (String argument : command) {
            sum += fitting("an argument of '" + command.getFirst() + "'", argument);
        }
        for (Map.Entry<String, String> each : env.entrySet()) {
            sum += fitting("the variable " + each.getKey(), each.getKey() + "=" + each.getValue());
        }
        if (sum > MAX_ARGUMENTS) {
            throw tooLarge("the command and its variables have", sum, MAX_ARGUMENTS);
        }
    }

    private static long fitting(String what, String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_ARGUMENT) {
            throw tooLarge(what + " has", bytes, MAX_ARGUMENT);
        }
        return bytes + 1L + Long.BYTES;
    }

    private static ApiException tooLarge(String what, long bytes, int most) {
        return ErrorCode.TOO_LARGE.refusal(
                what + " " + bytes + " bytes, more than the " + most + " that Linux takes",
                "pass it in a file, or by stdin");
    }

    public static String checkCwd(String cwd) {
        if (!cwd.startsWith("/") || cwd.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("cwd must be an absolute path in the guest, not '" + cwd + "'");
        }
        return cwd;
    }

    public static String checkUser(String user) {
        if (user.isEmpty() || user.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("user must be name, uid, name:group or uid:gid");
        }
        return user;
    }

    public static Duration checkTimeout(long millis) {
        if (millis < 1) {
            throw ErrorCode.BAD_REQUEST.refusal("timeout_ms must be 1 or more, not " + millis);
        }
        return Duration.ofMillis(millis);
    }

    public static Map<String, String> checkEnv(Map<String, String> env) {
        env.forEach((name, value) -> {
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
                throw ErrorCode.BAD_REQUEST.refusal("'" + name + "' is not a valid variable name");
            }
            if (value.indexOf('\0') >= 0) {
                throw ErrorCode.BAD_REQUEST.refusal("env." + name + " must not contain a NUL character");
            }
        });
        return env;
    }
}
