package dev.aegisvm.cli.line;

import dev.aegisvm.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A verb's command line, parsed by what the verb declares. */
public final class Arguments {
    private final String path;
    private final Usage usage;
    private final List<Usage.Option> given = new ArrayList<>();
    private final List<String> values = new ArrayList<>();
    private final List<String> operands = new ArrayList<>();
    private List<String> command = List.of();
    private boolean dashes;

    private Arguments(String path, Usage usage) {
        this.path = path;
        this.usage = usage;
    }

    /**
     * Parses.
     *
     * @param path the words that call the verb, for messages
     * @param words the command line, of which the words from {@code from} on belong to the verb
     * @throws UsageException when they are not what the verb takes
     */
    public static Arguments parse(String path, Usage usage, List<String> words, int from) throws UsageException {
        Arguments arguments = new Arguments(path, usage);
        if (usage.isRaw()) {
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
    private int takeOption(String word, @Nullable String next) throws UsageException {
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        String name = equals < 0 ? word : word.substring(0, equals);
        Usage.Option option = usage.option(name);
        if (option == null) {
            return takeBundle(name);
        }
        given.add(option);
        Value value = option.value();
        if (value == null) {
            if (equals >= 0) {
                throw wrong(name.concat(" takes no value"));
            }
            values.add("");
            return 0;
        }
        if (equals >= 0) {
            values.add(word.substring(equals + 1));
            return 0;
        }
        if (next == null || next.equals("--")) {
            throw wrong(name + " needs a value: " + name + " " + value.name());
        }
        values.add(next);
        return 1;
    }

    private int takeBundle(String word) throws UsageException {
        List<Usage.Option> bundled = word.startsWith("--") ? List.of() : usage.bundle(word);
        if (bundled.isEmpty()) {
            throw unknownOption(word);
        }
        for (Usage.Option option : bundled) {
            given.add(option);
            values.add("");
        }
        return 0;
    }

    private UsageException unknownOption(String name) {
        List<String> known = new ArrayList<>();
        for (Usage.Option option : usage.options()) {
            known.add(option.name());
        }
        String near = Nearest.to(name, known);
        return wrong("unknown option " + Printable.of(name)
                + (near == null ? "; see `" + path + " --help`" : "; did you mean " + near + "?"));
    }

    private void check() throws UsageException {
        if (operands.size() > usage.maxOperands()) {
            throw wrong(
                    usage.takesCommand() && !dashes
                            ? "the command goes after --: " + synopsis()
                            : "unexpected argument '" + Printable.of(operands.get(usage.maxOperands())) + "': "
                                    + synopsis());
        }
        if (operands.size() < usage.minOperands()) {
            throw wrong(usage.operands().get(operands.size()).name() + " is missing: " + synopsis());
        }
        if (dashes && !usage.takesCommand()) {
            throw wrong("takes no command: " + synopsis());
        }
        if (command.isEmpty() && (usage.commandNeeded() || dashes)) {
            throw wrong("the command is missing: " + synopsis());
        }
        if (!command.isEmpty() && command.getFirst().isEmpty()) {
            throw wrong("the command is empty: " + synopsis());
        }
    }

    /** A mistake in this command line. */
    public UsageException wrong(String what) {
        return new UsageException(path + ": " + what);
    }

    /**
     * A value that is not what its option takes.
     *
     * @param right what to write instead
     */
    public UsageException malformed(String option, String value, String right) {
        return wrong("malformed " + option + " '" + Printable.of(value) + "': write " + right);
    }

    /** The line that shows how to call the verb. */
    public String synopsis() {
        return usage.synopsis(path);
    }

    public boolean wantsHelp() {
        return has("--help");
    }

    public boolean has(String name) {
        return value(name) != null;
    }

    /** The value of an option's last occurrence, or null when it is not given. */
    @Nullable
    public String value(String name) {
        for (int at = given.size() - 1; at >= 0; at--) {
            if (given.get(at).name().equals(name)) {
                return values.get(at);
            }
        }
        return null;
    }

    /** The values of all occurrences of an option, in order. */
    public List<String> values(String name) {
        List<String> found = new ArrayList<>();
        for (int at = 0; at < given.size(); at++) {
            if (given.get(at).name().equals(name)) {
                found.add(values.get(at));
            }
        }
        return found;
    }

    /** The one operand of a verb that takes one. */
    public String operand() {
        return operands.getFirst();
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
