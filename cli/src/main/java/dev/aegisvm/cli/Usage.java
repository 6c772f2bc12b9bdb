package dev.aegisvm.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a verb takes, declared once: parsing, help and completion all read it. */
final class Usage {
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
    static Usage of(String verb, String summary) {
        return new Usage(verb, summary);
    }

    Usage with(String name, String value, String help) {
        options.add(new Option(name, "", value, help));
        return this;
    }

    Usage with(String name, String help) {
        options.add(new Option(name, "", "", help));
        return this;
    }

    Usage withAlias(String name, String alias, String help) {
        options.add(new Option(name, alias, "", help));
        return this;
    }

    Usage withJson() {
        options.add(JSON);
        return this;
    }

    /** The options that a word such as {@code -it} stands for: letters of switches; empty when it is no such word. */
    List<Option> bundle(String word) {
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
    Usage operand(String operand) {
        this.operand = operand;
        return this;
    }

    /** One more operand, which may be left out. */
    Usage optionalOperand(String name) {
        this.optionalOperand = name;
        return this;
    }

    /** The verb takes these operands, a word for each, and more of the last. */
    Usage operands(String operand) {
        this.operand = operand;
        this.severalOperands = true;
        return this;
    }

    /** The verb takes a command after {@code --}. */
    Usage command(String command, boolean needed) {
        this.command = command;
        this.commandNeeded = needed;
        return this;
    }

    Usage details(String text) {
        this.details = text;
        return this;
    }

    Usage example(String text) {
        this.example = text;
        return this;
    }

    String verb() {
        return verb;
    }

    String summary() {
        return summary;
    }

    String operand() {
        return operand;
    }

    boolean takesSeveralOperands() {
        return severalOperands;
    }

    boolean takesOptionalOperand() {
        return !optionalOperand.isEmpty();
    }

    String command() {
        return command;
    }

    boolean commandNeeded() {
        return commandNeeded;
    }

    String details() {
        return details;
    }

    String example() {
        return example;
    }

    /** The options that work, help included. */
    List<Option> options() {
        List<Option> all = new ArrayList<>(options);
        all.add(HELP);
        return all;
    }

    @Nullable
    Option option(String text) {
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
    String synopsis() {
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
