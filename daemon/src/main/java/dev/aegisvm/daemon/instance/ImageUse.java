package dev.aegisvm.daemon.instance;

import dev.aegisvm.image.Image;
import io.avaje.jsonb.Json;
import java.util.Map;
import java.util.Optional;

/**
 * The image that an instance was made of, and how that one wants to be run.
 *
 * @param ref as the client called it
 * @param name the reference in full
 * @param digest of its manifest, {@code sha256:…}
 * @param env the environment of every process, unless the instance says otherwise
 * @param workdir where processes start; empty: it does not say
 * @param user who processes run as; empty: root
 */
@Json
public record ImageUse(String ref, String name, String digest, Map<String, String> env, String workdir, String user) {
    public ImageUse {
        env = Map.copyOf(env);
    }

    public static ImageUse of(String ref, String name, Image image) {
        return new ImageUse(
                ref,
                name,
                image.digest(),
                image.config().env(),
                image.config().workdir(),
                image.config().user());
    }

    /** The directory that processes start in, if the image has one. */
    public Optional<String> directory() {
        return workdir.isEmpty() ? Optional.empty() : Optional.of(workdir.startsWith("/") ? workdir : "/" + workdir);
    }
}
