package dev.aegisvm.cli.line;

import module java.base;
import org.jspecify.annotations.Nullable;

/** What a verb takes, declared once: parsing, help and completion read it. */
public final class Usage {
    private static final Option HELP = new Option("--help", "-h", null, "show this help");

    final String summary;
    private final List<Option> options = new ArrayList<>();
    final List<Value> operands = new ArrayList<>();
    /** How many operands there have to be, and how many there may be. */
    int minOperands;

    int maxOperands;
    boolean raw;
    boolean commandNeeded;
    private String command = "";
    String details = "";
    String example = "";

    /**
     * An option: its name {@code --name}, a short form {@code -f} or "", what follows it (null: it is a switch), its help.
     */
    record Option(String name, String alias, @Nullable Value value, String help) {}

    private Usage(String summary) {
        this.summary = summary;
    }

    /** Begins with one line on what the verb does. */
    public static Usage of(String summary) {
        return new Usage(summary);
    }

    public Usage with(String name, Value value, String help) {
        return with(name, "", value, help);
    }

    public Usage with(String name, String alias, Value value, String help) {
        options.add(new Option(name, alias, value, help));
        return this;
    }

    public Usage with(String name, String help) {
        return withAlias(name, "", help);
    }

    public Usage withAlias(String name, String alias, String help) {
        options.add(new Option(name, alias, null, help));
        return this;
    }

    public Usage withJson() {
        return with("--json", "print JSON");
    }

    public Usage operand(Value operand) {
        minOperands++;
        return optionalOperand(operand);
    }

    /** One more operand, which may be left out. */
    public Usage optionalOperand(Value operand) {
        operands.add(operand);
        maxOperands++;
        return this;
    }

    /** One more operand, which may be given several times. */
    public Usage operands(Value operand) {
        minOperands++;
        return optionalOperands(operand);
    }

    /** Any number of operands, also none. */
    public Usage optionalOperands(Value operand) {
        operands.add(operand);
        maxOperands = Integer.MAX_VALUE;
        return this;
    }

    /** The verb takes a command after {@code --}. */
    public Usage command(String form, boolean needed) {
        command = form;
        commandNeeded = needed;
        return this;
    }

    public Usage details(String text) {
        details = text;
        return this;
    }

    public Usage example(String text) {
        example = text;
        return this;
    }

    /** Every word is an operand, also one that looks like an option. */
    public Usage raw() {
        raw = true;
        return this;
    }

    boolean takesCommand() {
        return !command.isEmpty();
    }

    /** All options, {@code --help} last. */
    List<Option> options() {
        List<Option> all = new ArrayList<>(options);
        all.add(HELP);
        return all;
    }

    @Nullable
    Option option(String text) {
        for (Option option : options()) {
            if (text.equals(option.name) || text.equals(option.alias)) {
                return option;
            }
        }
        return null;
    }

    /** The switches that a word such as {@code -it} stands for; empty when it is no such word. */
    List<Option> bundle(String word) {
        List<Option> bundled = new ArrayList<>();
        for (int at = 1; at < word.length(); at++) {
            Option each = option("-" + word.charAt(at));
            if (each == null || each.value() != null) {
                return List.of();
            }
            bundled.add(each);
        }
        return bundled;
    }

    String synopsis(String path) {
        StringBuilder line = new StringBuilder(path);
        if (!options.isEmpty()) {
            line.append(" [options]");
        }
        for (Value operand : operands) {
            line.append(' ').append(operand.name());
        }
        if (maxOperands > operands.size() && minOperands == operands.size()) {
            line.append('…');
        }
        if (takesCommand()) {
            line.append(commandNeeded ? " -- " : " [-- ").append(command).append(commandNeeded ? "" : "]");
        }
        return line.toString();
    }
}
