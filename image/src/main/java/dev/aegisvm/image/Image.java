package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.UntrustedMap;

/**
 * An image in the cache, ready to be booted.
 *
 * @param digest of its manifest, such as {@code sha256:…}; of one of {@link OwnImages} its name; identifies the image
 * @param names full references that lead to it
 */
public record Image(String digest, List<String> names, Path root, long size, Instant created, Config config) {
    public Image {
        names = List.copyOf(names);
    }

    /**
     * How an image is to be run.
     *
     * @param workdir the directory that processes start in; empty for none
     * @param user {@code name}, {@code uid}, or either with {@code :group}; empty: root
     * @param entrypoint comes before every command
     * @param cmd the default command, or default arguments of the entry point
     */
    public record Config(
            Map<String, String> env, String workdir, String user, List<String> entrypoint, List<String> cmd) {
        public Config {
            env = UntrustedMap.copyOf(env);
            entrypoint = List.copyOf(entrypoint);
            cmd = List.copyOf(cmd);
        }
    }
}
