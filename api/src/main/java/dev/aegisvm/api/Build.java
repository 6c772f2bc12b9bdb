package dev.aegisvm.api;

import java.nio.file.Path;

/** The build of this process: its files are in a directory of their own, whose name is a hash of them. */
public final class Build {
    /** The header of every answer that tells the daemon's build. */
    public static final String HEADER = "Aegis-Build";

    private Build() {}

    private static String directory() {
        return System.getProperty("aegis.build", "");
    }

    /** Empty where no launcher says it, as in a test. */
    public static String id() {
        String directory = directory();
        return directory.substring(directory.lastIndexOf('/') + 1);
    }

    public static Path file(String name) {
        return Path.of(directory(), name);
    }
}
