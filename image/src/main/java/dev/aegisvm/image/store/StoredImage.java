package dev.aegisvm.image.store;

import dev.aegisvm.image.Image;
import dev.aegisvm.image.ImageConfig;
import io.avaje.jsonb.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is kept of an image beside its file system.
 *
 * @param root the name of the file with the file system
 */
@Json
public record StoredImage(
        String digest,
        String root,
        long size,
        String created,
        Map<String, String> env,
        String workdir,
        String user,
        List<String> entrypoint,
        List<String> cmd) {
    Image image(Path directory, List<String> names) {
        ImageConfig config = new ImageConfig(env, workdir, user, entrypoint, cmd);
        return new Image(digest, names, directory.resolve(root), size, Instant.parse(created), config);
    }
}
