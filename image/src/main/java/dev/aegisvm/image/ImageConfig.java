package dev.aegisvm.image;

import java.util.List;
import java.util.Map;

/**
 * How an image is to be run.
 *
 * @param env its environment
 * @param workdir the directory that processes start in; empty for none
 * @param user {@code name}, {@code uid}, or either with {@code :group}; empty: root
 * @param entrypoint comes before every command
 * @param cmd the default command, or default arguments of the entry point
 */
public record ImageConfig(
        Map<String, String> env, String workdir, String user, List<String> entrypoint, List<String> cmd) {
    public ImageConfig {
        env = Map.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
    }
}
