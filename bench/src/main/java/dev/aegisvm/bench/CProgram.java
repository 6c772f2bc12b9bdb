package dev.aegisvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program for guests, whose source is among the resources of the bench. */
final class CProgram {
    private CProgram() {}

    /**
     * Compiles {@code name.c} to a static program of that name.
     *
     * @param directory for the source and the program
     * @return the program
     */
    static Path build(Path directory, String name) throws IOException {
        Path source = directory.resolve(name + ".c");
        try (InputStream text = CProgram.class.getResourceAsStream(name + ".c")) {
            if (text == null) {
                throw new IOException(name + ".c is not among the classes");
            }
            Files.write(source, text.readAllBytes());
        }
        Path program = directory.resolve(name);
        int code = TimedProcess.of(
                        List.of("gcc", "-O2", "-static", "-o", program.toString(), source.toString()), Map.of())
                .run()
                .exitCode();
        if (code != 0) {
            throw new IOException("gcc ended with " + code + " for " + source);
        }
        return program;
    }
}
