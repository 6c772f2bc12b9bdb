package dev.aegisvm.cli.line;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a verb takes, declared once: parsing, help and completion all read it. */
public final class Usage {
    private static final Option JSON = new Option("--json", "", "", "print JSON");
    private static final Option HELP = new Option("--help", "-h", "", "show this help");

    private final String verb;
    private final String summary;
    private final List<Option> options = new ArrayList<>();
    private String operand = "";
    private boolean severalOperands;
    private String optionalOperand = "";
    private String command = "";
    private boolean commandNeeded;
    private String details = "";
    private String example = "";

    private Usage(String verb, String summary) {
        this.verb = verb;
        this.summary = summary;
    }

    /** A verb by its words ({@code instance list}) and one line on what it does. */
    public static Usage of(String verb, String summary) {
        return new Usage(verb, summary);
    }

    public Usage with(String name, String value, String help) {
        options.add(new Option(name, "", value, help));
        return this;
    }

    public Usage with(String name, String help) {
        options.add(new Option(name, "", "", help));
        return this;
    }

    public Usage withAlias(String name, String alias, String help) {
        options.add(new Option(name, alias, "", help));
        return this;
    }

    public Usage withJson() {
        options.add(JSON);
        return this;
    }

    /** The options that a word such as {@code -it} stands for: letters of switches; empty when it is no such word. */
    public List<Option> bundle(String word) {
        List<Option> bundled = new ArrayList<>();
        for (int at = 1; at < word.length(); at++) {
            Option each = option("-" + word.charAt(at));
            if (each == null || each.takesValue()) {
                return List.of();
            }
            bundled.add(each);
        }
        return bundled;
    }

    /** The verb takes exactly these operands, a word for each, before any {@code --}. */
    public Usage operand(String operand) {
        this.operand = operand;
        return this;
    }

    /** One more operand, which may be left out. */
    public Usage optionalOperand(String name) {
        this.optionalOperand = name;
        return this;
    }

    /** The verb takes these operands, a word for each, and more of the last. */
    public Usage operands(String operand) {
        this.operand = operand;
        this.severalOperands = true;
        return this;
    }

    /** The verb takes a command after {@code --}. */
    public Usage command(String command, boolean needed) {
        this.command = command;
        this.commandNeeded = needed;
        return this;
    }

    public Usage details(String text) {
        this.details = text;
        return this;
    }

    public Usage example(String text) {
        this.example = text;
        return this;
    }

    public String verb() {
        return verb;
    }

    public String summary() {
        return summary;
    }

    public String operand() {
        return operand;
    }

    public boolean takesSeveralOperands() {
        return severalOperands;
    }

    public boolean takesOptionalOperand() {
        return !optionalOperand.isEmpty();
    }

    public String command() {
        return command;
    }

    public boolean commandNeeded() {
        return commandNeeded;
    }

    public String details() {
        return details;
    }

    public String example() {
        return example;
    }

    /** The options that work, help included. */
    public List<Option> options() {
        List<Option> all = new ArrayList<>(options);
        all.add(HELP);
        return all;
    }

    @Nullable
    public Option option(String text) {
        if (HELP.isCalled(text)) {
            return HELP;
        }
        return find(options, text);
    }

    private static @Nullable Option find(List<Option> among, String text) {
        for (Option option : among) {
            if (option.isCalled(text)) {
                return option;
            }
        }
        return null;
    }

    /** The line that shows how to call it, without a prefix. */
    public String synopsis() {
        StringBuilder line = new StringBuilder("aegis ").append(verb);
        if (!options.isEmpty()) {
            line.append(" [options]");
        }
        if (!operand.isEmpty()) {
            line.append(' ').append(operand).append(severalOperands ? "…" : "");
        }
        if (!optionalOperand.isEmpty()) {
            line.append(' ').append(optionalOperand);
        }
        if (!command.isEmpty()) {
            line.append(commandNeeded ? " -- " : " [-- ").append(command).append(commandNeeded ? "" : "]");
        }
        return line.toString();
    }
}
