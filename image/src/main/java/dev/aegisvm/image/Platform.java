package dev.aegisvm.image;

import java.util.Locale;

/** What a guest runs: an operating system and a processor, by the names that image indexes use. */
public record Platform(String os, String architecture) {
    /** A guest has the host's processor. */
    public static Platform ofHost() {
        String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return new Platform(
                "linux",
                switch (name) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> name;
                });
    }

    @Override
    public String toString() {
        return os + "/" + architecture;
    }
}
