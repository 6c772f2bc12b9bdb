package dev.aegisvm.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The prepared files that every VM starts from.
 *
 * @param kernel an ELF file
 * @param initramfs holds the harness
 * @param base the root file system
 */
record Guest(String kernel, String initramfs, String base) {
    /** Reads {@code guest.properties} in a cache. */
    static Guest in(Path cache) throws IOException {
        Properties properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(cache.resolve("guest.properties"))) {
            properties.load(reader);
        }
        return new Guest(value(properties, "kernel"), value(properties, "initramfs"), value(properties, "base"));
    }

    private static String value(Properties properties, String key) throws IOException {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new IOException("guest.properties has no '" + key + "': run `make prepare`");
        }
        return value;
    }
}
