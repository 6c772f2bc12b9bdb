package dev.aegisvm.image;

import java.util.List;
import java.util.Map;

/**
 * How an image wants to be run.
 *
 * @param env its environment
 * @param workdir the directory that processes start in; empty: it does not say
 * @param user {@code name}, {@code uid}, or either with {@code :group}; empty: root
 * @param entrypoint comes before every command
 * @param cmd the command, or arguments to the entry point, when nothing else is asked for
 */
public record ImageConfig(
        Map<String, String> env, String workdir, String user, List<String> entrypoint, List<String> cmd) {
    public ImageConfig {
        env = Map.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
    }
}
