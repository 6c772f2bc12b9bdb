package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/** What a command line gives to a verb. */
public final class Arguments {
    private final String path;
    private final String synopsis;
    /** The values of each option that is given, in order; that of a switch is empty. */
    final Map<String, List<String>> given = new HashMap<>();

    final List<String> operands = new ArrayList<>();
    List<String> command = List.of();

    Arguments(String path, String synopsis) {
        this.path = path;
        this.synopsis = synopsis;
    }

    /** The command line is wrong: one line that names the mistake and the nearest right form. */
    public static final class Mistake extends RuntimeException {
        public Mistake(String message) {
            super(message);
        }
    }

    public Mistake wrong(String what) {
        return new Mistake(path + ": " + what);
    }

    /** A value that is not what its option takes, and what to write instead. */
    public Mistake malformed(String option, String value, String right) {
        return wrong("malformed " + option + " '" + Printable.of(value) + "': write " + right);
    }

    public String synopsis() {
        return synopsis;
    }

    public boolean has(String name) {
        return given.containsKey(name);
    }

    /** True or null, as requests have what is rarely asked for. */
    public @Nullable Boolean flag(String name) {
        return has(name) ? Boolean.TRUE : null;
    }

    /** The value of an option's last occurrence, or null when it is not given. */
    @Nullable
    public String value(String name) {
        return has(name) ? values(name).getLast() : null;
    }

    /** What a reader makes of the value of an option's last occurrence, or null when it is not given. */
    public <T> @Nullable T read(String name, Function<String, T> reader) {
        return has(name) ? reader.apply(values(name).getLast()) : null;
    }

    /** The same for a reader that gives nothing for a malformed value; {@code right} is what to write instead. */
    public <T> @Nullable T read(String name, Function<String, Optional<T>> reader, String right) {
        return read(name, text -> reader.apply(text).orElseThrow(() -> malformed(name, text, right)));
    }

    /** The value of an option's last occurrence, which has to be right; null when it is not given. */
    public @Nullable String checked(String name, Predicate<String> isRight, String right) {
        return read(name, text -> Optional.of(text).filter(isRight), right);
    }

    public List<String> values(String name) {
        return given.getOrDefault(name, List.of());
    }

    /** The first operand of a verb that needs one. */
    public String operand() {
        return operands.getFirst();
    }

    /** The second operand of a verb that takes two; null when it is not given. */
    public @Nullable String second() {
        return operands.size() > 1 ? operands.get(1) : null;
    }

    /** The operands of a verb that takes several: as many as it needs at least. */
    public List<String> operands() {
        return operands;
    }

    /** What follows {@code --}; empty when there is no command. */
    public List<String> command() {
        return command;
    }
}
