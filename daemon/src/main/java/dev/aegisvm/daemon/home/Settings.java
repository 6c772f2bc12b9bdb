package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.api.IdleTimeout;
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
    private static final int LAST_PORT = 65_535;

    private final Path file;
    private final TomlTable inFile;
    private final Map<String, String> environment;
    private final Set<String> known = new HashSet<>();

    private record Given(String name, Object value) {
        String text() {
            return value instanceof TomlArray || value instanceof TomlTable ? "[…]" : value.toString();
        }
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

    private Optional<Given> given(String key) {
        known.add(key);
        String variable = key.equals("accelerator") ? "AEGIS_ACCEL" : "AEGIS_" + key.toUpperCase(Locale.ROOT);
        String text = environment.getOrDefault(variable, "");
        return text.isEmpty()
                ? Optional.ofNullable(inFile.get(List.of(key))).map(value -> new Given(file + ": " + key, value))
                : Optional.of(new Given(variable, text));
    }

    /** A key that is for others. */
    void leave(String key) {
        known.add(key);
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
        Optional<Given> given = given(key);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.apply(given.get().text()));
        } catch (PolicyException mistake) {
            throw new HomeException(given.get().name() + ": " + mistake.getMessage(), mistake);
        }
    }

    /** One of some words, of which the first holds where nothing is set. */
    String word(String key, List<String> words) throws HomeException {
        Optional<Given> given = given(key);
        if (given.isPresent() && !words.contains(given.get().text())) {
            throw new HomeException(given.get().name() + " must be one of " + String.join(", ", words) + ", not '"
                    + given.get().text() + "'");
        }
        return given.map(Given::text).orElse(words.getFirst());
    }

    boolean truth(String key) throws HomeException {
        return word(key, List.of("false", "true")).equals("true");
    }

    int number(String key, int usual, int min, int max) throws HomeException {
        Optional<Given> given = given(key);
        if (given.isEmpty()) {
            return usual;
        }
        String name = given.get().name();
        long value;
        try {
            value = Long.parseLong(given.get().text());
        } catch (NumberFormatException mistake) {
            throw new HomeException(name + ": '" + given.get().text() + "' is not a number", mistake);
        }
        if (value < min || value > max) {
            throw new HomeException(name + " must be " + min + ".." + max + ", not " + value);
        }
        return (int) value;
    }

    IdleTimeout time(String key, Duration usual) throws HomeException {
        Optional<Given> given = given(key);
        return given.isEmpty()
                ? IdleTimeout.of(usual)
                : IdleTimeout.read(given.get().text())
                        .orElseThrow(() -> new HomeException(
                                given.get().name() + " must be \"never\" or a time such as \"90s\" or \"5m\""));
    }

    /** Written as host and port; the host is always the loopback. */
    OptionalInt port(String key) throws HomeException {
        Optional<Given> given = given(key);
        if (given.isEmpty()) {
            return OptionalInt.empty();
        }
        Matcher address = LOOPBACK.matcher(given.get().text());
        int port = address.matches() ? Integer.parseInt(address.group(1)) : Integer.MAX_VALUE;
        if (port > LAST_PORT) {
            throw new HomeException(given.get().name() + " must be \"127.0.0.1:PORT\", not '"
                    + given.get().text() + "': it can only listen on the loopback address");
        }
        return OptionalInt.of(port);
    }
}
