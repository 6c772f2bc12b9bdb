package dev.aegisvm.cli.line;

import dev.aegisvm.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A verb's command line, parsed by what the verb declares. */
public final class Arguments {
    private final Usage usage;
    private final List<Option> given = new ArrayList<>();
    private final List<String> values = new ArrayList<>();
    private final List<String> operands = new ArrayList<>();
    private List<String> command = List.of();
    private boolean dashes;

    private Arguments(Usage usage) {
        this.usage = usage;
    }

    /**
     * Parses.
     *
     * @param words the command line, of which the words from {@code from} on belong to the verb
     * @throws UsageException when they are not what the verb takes
     */
    public static Arguments parse(Usage usage, List<String> words, int from) throws UsageException {
        Arguments arguments = new Arguments(usage);
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
        Option option = usage.option(name);
        if (option == null) {
            return takeBundle(name);
        }
        given.add(option);
        if (!option.takesValue()) {
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
            throw wrong(name + " needs a value: " + name + " " + option.value());
        }
        values.add(next);
        return 1;
    }

    private int takeBundle(String word) throws UsageException {
        List<Option> bundled = word.startsWith("--") ? List.of() : usage.bundle(word);
        if (bundled.isEmpty()) {
            throw unknownOption(word);
        }
        for (Option option : bundled) {
            given.add(option);
            values.add("");
        }
        return 0;
    }

    private UsageException unknownOption(String name) {
        List<String> known = new ArrayList<>();
        for (Option option : usage.options()) {
            known.add(option.name());
        }
        String near = Nearest.to(name, known);
        return wrong("unknown option " + Printable.of(name)
                + (near == null ? "; see `aegis " + usage.verb() + " --help`" : "; did you mean " + near + "?"));
    }

    private void check() throws UsageException {
        String[] names =
                usage.operand().isEmpty() ? new String[0] : usage.operand().split(" ");
        int wanted = names.length;
        int most = usage.takesOptionalOperand() ? wanted + 1 : wanted;
        if (operands.size() > most && !usage.takesSeveralOperands()) {
            String extra = Printable.of(operands.get(most));
            throw wrong(
                    usage.command().isEmpty() || dashes
                            ? "unexpected argument '" + extra + "': " + usage.synopsis()
                            : "the command goes after --: " + usage.synopsis());
        }
        if (operands.size() < wanted) {
            throw wrong(names[operands.size()] + " is missing: " + usage.synopsis());
        }
        if (usage.command().isEmpty() && dashes) {
            throw wrong("takes no command: " + usage.synopsis());
        }
        if (command.isEmpty() && (usage.commandNeeded() || dashes)) {
            throw wrong("the command is missing: " + usage.synopsis());
        }
        if (!command.isEmpty() && command.getFirst().isEmpty()) {
            throw wrong("the command is empty: " + usage.synopsis());
        }
    }

    /** A mistake in this command line. */
    public UsageException wrong(String what) {
        return new UsageException("aegis " + usage.verb() + ": " + what);
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
