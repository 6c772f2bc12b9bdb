package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.api.TerminalSize;

/**
 * A process to start in the guest.
 *
 * @param execId names the process for as long as it runs; unique among the running ones; {@value #MAIN} is the main
 *     process
 * @param command program and arguments; a program without a slash is looked up in PATH of {@code env}
 * @param env the whole environment, which must not change any more: nothing is added in the guest
 * @param cwd the working directory, {@code /} when absent
 * @param user uid, {@code uid:gid} or a name from the guest's passwd; root when absent
 * @param tty the size of the terminal it gets; absent: pipes. With a terminal, stderr is part of stdout
 * @param session a name under which forks of the instance keep it: there, one of this name is connected with, if no client
 *     is yet, and none started
 * @param stdin whether it gets an open stdin; false: {@code /dev/null}
 */
public record ProcessSpec(
        String execId,
        List<String> command,
        Map<String, String> env,
        Optional<String> cwd,
        Optional<String> user,
        Optional<TerminalSize> tty,
        Optional<String> session,
        boolean stdin) {
    public static final String MAIN = "main";
    /** Where programs are looked up, unless an image or a user says otherwise. */
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public ProcessSpec {
        command = List.copyOf(command);
        env = Collections.unmodifiableMap(env);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("a command needs at least a program");
        }
        if (execId.isEmpty() || execId.length() > 64) {
            throw new IllegalArgumentException("an exec id must be 1..64 characters");
        }
    }

    /** A process as root in {@code /} with pipes and no stdin. */
    public static ProcessSpec of(String execId, List<String> command, Map<String, String> env) {
        return new ProcessSpec(
                execId, command, env, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }
}
