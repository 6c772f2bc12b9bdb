package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.host.HostError;
import org.tomlj.*;

/**
 * What the user has set: the keys of a file, and variables of the environment, which win. Each is read by its key,
 * whose variable is the same in capitals with {@code AEGIS_} before it. A mistake is told by the name that the user
 * knows.
 */
final class Settings {
    private static final Pattern LOOPBACK = Pattern.compile("(?:127\\.0\\.0\\.1|localhost):(\\d{1,5})");

    private final Path file;
    private final TomlTable inFile;
    private final Map<String, String> environment;
    /** Those that were asked for, and what is for aegis-mcp, which reads it. */
    private final Set<String> known = new HashSet<>(Set.of("mcp"));

    private interface Parser<T> {
        T of(String name, String text) throws HomeException;
    }

    Settings(Path file, Map<String, String> environment) throws HomeException {
        this.file = file;
        this.environment = environment;
        try {
            this.inFile = TomlText.parse(file.toString(), Files.exists(file) ? Files.readString(file) : "");
        } catch (IOException obstacle) {
            throw new HomeException("cannot read " + file + ": " + HostError.reason(obstacle), obstacle);
        } catch (PolicyException mistake) {
            throw new HomeException(String.valueOf(mistake.getMessage()), mistake);
        }
    }

    /** Reads what is set, by the name that the user knows; the usual value where nothing is. */
    private <T> T read(String key, T usual, Parser<T> parser) throws HomeException {
        known.add(key);
        String variable = key.equals("accelerator") ? "AEGIS_ACCEL" : "AEGIS_" + key.toUpperCase(Locale.ROOT);
        String text = environment.getOrDefault(variable, "");
        if (!text.isEmpty()) {
            return parser.of(variable, text);
        }
        Object value = inFile.get(List.of(key));
        if (value == null) {
            return usual;
        }
        boolean several = value instanceof TomlArray || value instanceof TomlTable;
        return parser.of(file + ": " + key, several ? "[…]" : value.toString());
    }

    /** To be called when all were asked for. */
    void refuseUnknown() throws HomeException {
        for (String key : inFile.keySet()) {
            if (!known.contains(key)) {
                throw new HomeException(file + ": unknown key '" + key + "'");
            }
        }
    }

    /** @param reader knows the form of a text, and throws a {@link PolicyException} at another */
    <T> Optional<T> parsed(String key, Function<String, T> reader) throws HomeException {
        return read(key, Optional.empty(), (name, text) -> {
            try {
                return Optional.of(reader.apply(text));
            } catch (PolicyException mistake) {
                throw new HomeException(name + ": " + mistake.getMessage(), mistake);
            }
        });
    }

    /** One of some words, of which the first holds where nothing is set. */
    String word(String key, List<String> words) throws HomeException {
        return read(key, words.getFirst(), (name, text) -> {
            if (!words.contains(text)) {
                throw new HomeException(name + " must be one of " + String.join(", ", words) + ", not '" + text + "'");
            }
            return text;
        });
    }

    int number(String key, int usual, int min, int max) throws HomeException {
        return read(key, usual, (name, text) -> {
            try {
                long value = Long.parseLong(text);
                if (value < min || value > max) {
                    throw new HomeException(name + " must be " + min + ".." + max + ", not " + value);
                }
                return (int) value;
            } catch (NumberFormatException mistake) {
                throw new HomeException(name + ": '" + text + "' is not a number", mistake);
            }
        });
    }

    IdleTimeout time(String key, Duration usual) throws HomeException {
        return read(key, IdleTimeout.of(usual), (name, text) -> {
            Optional<IdleTimeout> time = IdleTimeout.read(text);
            String advice = " must be \"never\" or a time such as \"90s\" or \"5m\"";
            return time.orElseThrow(() -> new HomeException(name + advice));
        });
    }

    /** Written as host and port; the host is always the loopback. */
    OptionalInt port(String key) throws HomeException {
        return read(key, OptionalInt.empty(), (name, text) -> {
            Matcher address = LOOPBACK.matcher(text);
            int port = address.matches() ? Integer.parseInt(address.group(1)) : Integer.MAX_VALUE;
            if (port > PortMapping.MAX_PORT) {
                throw new HomeException(name + " must be \"127.0.0.1:PORT\", not '" + text
                        + "': it can only listen on the loopback address");
            }
            return OptionalInt.of(port);
        });
    }
}
