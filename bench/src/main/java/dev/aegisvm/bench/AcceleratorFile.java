package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the daemon found out about virtualization on this host, and keeps in its cache.
 *
 * @param accelerator {@code kvm} or {@code tcg}
 * @param tscKhz the rate of the host's time stamp counter; 0 when it was not measured
 */
@Json(naming = Json.Naming.LowerUnderscore)
record AcceleratorFile(String accelerator, String qemuVersion, long tscKhz) {
    static AcceleratorFile in(Path cache) throws IOException {
        return Jsonb.instance()
                .type(AcceleratorFile.class)
                .fromJson(Files.readString(cache.resolve("accelerator.json")));
    }

    boolean emulated() {
        return accelerator.equals("tcg");
    }
}
