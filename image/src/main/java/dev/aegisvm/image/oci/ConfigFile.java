package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageConfig;
import io.avaje.jsonb.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image's configuration blob. */
@Json
public record ConfigFile(
        @Nullable String os,
        @Nullable String architecture,
        @Nullable Run config,
        @Nullable RootFs rootfs) {
    /** How it is to be run. */
    @Json
    public record Run(
            @Json.Property("Env") @Nullable List<String> env,
            @Json.Property("WorkingDir") @Nullable String workdir,
            @Json.Property("User") @Nullable String user,
            @Json.Property("Entrypoint") @Nullable List<String> entrypoint,
            @Json.Property("Cmd") @Nullable List<String> cmd) {}

    /** The digests of the uncompressed layers, the lowest first. */
    @Json
    public record RootFs(
            @Json.Property("diff_ids") @Nullable List<String> diffIds) {}

    public ImageConfig imageConfig() {
        if (config == null) {
            return new ImageConfig(Map.of(), "", "", List.of(), List.of());
        }
        Map<String, String> env = new LinkedHashMap<>();
        for (String entry : orNone(config.env)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                env.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return new ImageConfig(
                env,
                config.workdir == null ? "" : config.workdir,
                config.user == null ? "" : config.user,
                orNone(config.entrypoint),
                orNone(config.cmd));
    }

    /** The digest of each uncompressed layer; empty when unknown. */
    public List<String> diffIds() {
        return rootfs == null ? List.of() : orNone(rootfs.diffIds);
    }

    private static List<String> orNone(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
