package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.terminal.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file of variables as Docker reads it: {@code NAME=VALUE} in each line, nothing unquoted or expanded; {@code NAME} alone
 * takes the value that we have; lines that are empty or begin with {@code #} say nothing.
 */
final class EnvironmentFile {
    private EnvironmentFile() {}

    /** Adds a file's variables to some. */
    static void read(String file, Arguments arguments, Map<String, String> environment) throws UsageException {
        int number = 0;
        for (String line : text(file, arguments).split("\n", -1)) {
            number++;
            String entry = line.strip();
            if (!entry.isEmpty() && entry.charAt(0) != '#') {
                add(line.stripLeading(), file + ":" + number, arguments, environment);
            }
        }
    }

    private static String text(String file, Arguments arguments) throws UsageException {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (NoSuchFileException none) {
            throw arguments.wrong("--env-file: there is no file " + Printable.of(file));
        } catch (IOException unreadable) {
            throw arguments.wrong("--env-file: cannot read " + Printable.of(file) + " as UTF-8: "
                    + Printable.of(String.valueOf(unreadable.getMessage())));
        }
    }

    private static void add(String line, String at, Arguments arguments, Map<String, String> environment)
            throws UsageException {
        int equals = line.indexOf('=');
        String name = equals < 0 ? line.strip() : line.substring(0, equals);
        if (name.isEmpty() || name.chars().anyMatch(Character::isWhitespace)) {
            throw arguments.wrong("--env-file: " + Printable.of(at) + " is not NAME=VALUE");
        }
        String value = equals < 0 ? System.getenv(name) : line.substring(equals + 1);
        if (value != null) {
            environment.put(name, value);
        }
    }
}
