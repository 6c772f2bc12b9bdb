package dev.aegisvm.api;

import module java.base;

/** The build of this process: its files are in a directory of their own, whose name is a hash of them. */
public final class Build {
    /** The header of every answer that tells the daemon's build. */
    public static final String HEADER = "Aegis-Build";

    private Build() {}

    /** The version of AegisVM, as in {@code 1.2.3}. */
    public static String version() {
        return TextResource.of(Build.class, "version").strip();
    }

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

    /** What is installed beside the programs, such as scripts; it may be of another build. */
    public static Path installed(String name) {
        return Path.of(System.getProperty("aegis.bin", "bin")).resolveSibling(name);
    }

    /** The start-up cache of a program: with the build, or elsewhere where the user may not write there. */
    public static Path cache(String program) {
        return Path.of(System.getProperty("aegis.caches", directory()), program + ".aot");
    }
}
