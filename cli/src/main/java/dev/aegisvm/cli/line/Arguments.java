package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.api.Nearest;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/** A verb's command line, parsed by what the verb declares. */
public final class Arguments {
    private final String path;
    private final Usage usage;
    /** The values of each option that is given, in order; that of a switch is empty. */
    private final Map<String, List<String>> given = new HashMap<>();

    private final List<String> operands = new ArrayList<>();
    private List<String> command = List.of();
    private boolean dashes;

    private Arguments(String path, Usage usage) {
        this.path = path;
        this.usage = usage;
    }

    /**
     * Parses the words of a command line from {@code from} on, which belong to the verb that {@code path} calls.
     *
     * @throws UsageException when they are not what the verb takes
     */
    public static Arguments parse(String path, Usage usage, List<String> words, int from) {
        Arguments arguments = new Arguments(path, usage);
        if (usage.raw) {
            arguments.operands.addAll(words.subList(from, words.size()));
            return arguments;
        }
        for (int at = from; at < words.size() && !arguments.dashes; at++) {
            String word = words.get(at);
            if (word.equals("--")) {
                arguments.dashes = true;
                arguments.command = List.copyOf(words.subList(at + 1, words.size()));
            } else if (word.length() > 1 && word.charAt(0) == '-') {
                at += arguments.takeOption(word, at + 1 < words.size() ? words.get(at + 1) : null);
            } else if (usage.takesCommand() && arguments.operands.size() == usage.maxOperands) {
                throw arguments.commandWithoutDashes(words, at);
            } else {
                arguments.operands.add(word);
            }
        }
        if (!arguments.wantsHelp()) {
            arguments.check();
        }
        return arguments;
    }

    /** Takes an option; returns how many words after it were its value. */
    private int takeOption(String word, @Nullable String next) {
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        String name = equals < 0 ? word : word.substring(0, equals);
        Usage.Option option = usage.option(name);
        if (option == null) {
            return takeBundle(name);
        }
        Value value = option.value();
        if (value == null && equals >= 0) {
            throw wrong(name.concat(" takes no value"));
        }
        if (value == null || equals >= 0) {
            give(option, value == null ? "" : word.substring(equals + 1));
            return 0;
        }
        if (next == null || next.equals("--")) {
            throw wrong(name + " needs a value: " + name + " " + value.name());
        }
        give(option, next);
        return 1;
    }

    private void give(Usage.Option option, String value) {
        given.computeIfAbsent(option.name(), _ -> new ArrayList<>()).add(value);
    }

    private int takeBundle(String word) {
        List<Usage.Option> bundled = word.startsWith("--") ? List.of() : usage.bundle(word);
        if (bundled.isEmpty()) {
            throw unknownOption(word);
        }
        bundled.forEach(option -> give(option, ""));
        return 0;
    }

    private UsageException unknownOption(String name) {
        String near = Nearest.to(
                name, usage.options().stream().map(Usage.Option::name).toList());
        return wrong("unknown option " + Printable.of(name)
                + (near == null ? "; see `" + path + " --help`" : "; did you mean " + near + "?"));
    }

    private void check() {
        int chosen = usage.choosing && has(Usage.FILTER) ? 1 : 0;
        int most = chosen == 0 ? usage.maxOperands : usage.operands.size() - 1;
        if (operands.size() > most) {
            String extra = Printable.of(operands.get(most));
            throw wrong(
                    chosen == 0
                            ? "unexpected argument '" + extra + "': " + synopsis()
                            : "--filter and '" + extra + "' cannot be used together");
        }
        if (operands.size() < usage.minOperands - chosen) {
            throw wrong(usage.operands.get(operands.size() + chosen).name() + " is missing: " + synopsis());
        }
        if (dashes && !usage.takesCommand()) {
            throw wrong("takes no command: " + synopsis());
        }
        if (command.isEmpty() && (usage.commandNeeded || dashes)) {
            throw wrong("the command is missing: " + synopsis());
        }
        if (!command.isEmpty() && command.getFirst().isEmpty()) {
            throw wrong("the command is empty: " + synopsis());
        }
    }

    /** A command was begun where options and operands are: says how the line is to be written. */
    private UsageException commandWithoutDashes(List<String> words, int at) {
        List<String> rest = words.subList(at, words.size());
        if (rest.contains("--")) {
            return wrong("unexpected argument '" + Printable.of(rest.getFirst()) + "': " + synopsis());
        }
        String program = path.substring(0, path.indexOf(' '));
        String before = shown(words.subList(0, at));
        String command = program + " " + before + " -- ";
        if (usage.option("--image") == null) {
            return wrong("the command goes after --: " + command + shown(rest));
        }
        String image = program + " " + before + " --image " + shown(rest.subList(0, 1))
                + (rest.size() == 1 ? "" : " -- " + shown(rest.subList(1, rest.size())));
        boolean isImage = rest.getFirst().matches("[^/.].*[:/].*");
        return wrong(
                isImage
                        ? "the image goes after --image, and the command after --: " + image
                        : "the command goes after --: " + command + shown(rest) + "   (with an image: " + image + ")");
    }

    private static String shown(List<String> words) {
        return Printable.of(Printable.command(words));
    }

    public UsageException wrong(String what) {
        return new UsageException(path + ": " + what);
    }

    /** A value that is not what its option takes, and what to write instead. */
    public UsageException malformed(String option, String value, String right) {
        return wrong("malformed " + option + " '" + Printable.of(value) + "': write " + right);
    }

    public String synopsis() {
        return usage.synopsis(path);
    }

    public boolean wantsHelp() {
        return has("--help");
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

    /**
     * The same for a reader that gives nothing for a value that is malformed.
     *
     * @param right what to write instead
     */
    public <T> @Nullable T read(String name, Function<String, Optional<T>> reader, String right) {
        return read(name, text -> reader.apply(text).orElseThrow(() -> malformed(name, text, right)));
    }

    /** The same of each occurrence. */
    public <T> List<T> readAll(String name, Function<String, Optional<T>> reader, String right) {
        return values(name).stream()
                .map(text -> reader.apply(text).orElseThrow(() -> malformed(name, text, right)))
                .toList();
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
