package dev.aegisvm.cli.line;

import java.util.List;

/** Help, written from what the verbs declare. */
public final class HelpText {
    private HelpText() {}

    /** The help of one verb. */
    public static String of(Usage usage) {
        StringBuilder text = new StringBuilder(512);
        String summary = usage.summary();
        text.append(Character.toUpperCase(summary.charAt(0)))
                .append(summary, 1, summary.length())
                .append(".\n\n  ")
                .append(usage.synopsis())
                .append("\n");
        if (!usage.details().isEmpty()) {
            text.append('\n').append(usage.details()).append('\n');
        }
        text.append("\nOptions:\n");
        List<Option> options = usage.options();
        int width = 0;
        for (Option option : options) {
            width = Math.max(width, left(option).length());
        }
        for (Option option : options) {
            row(text, left(option), width, option.help());
        }
        return text.append("\nExample:\n  ")
                .append(usage.example())
                .append('\n')
                .toString();
    }

    /** The help of the whole command. */
    public static String ofAll() {
        StringBuilder text = new StringBuilder(1024);
        text.append("AegisVM runs commands in microVMs.\n\n  aegis <command> [options]\n\nCommands:\n");
        int width = 0;
        for (String name : Commands.NAMES) {
            width = Math.max(width, name.length());
        }
        for (String name : Commands.NAMES) {
            row(text, name, width, Commands.verb(name).usage().summary());
        }
        text.append("\n`aegis <command> --help` tells more.\n\nExample:\n  aegis run -- echo \"hello from aegisvm\"\n");
        return text.toString();
    }

    private static String left(Option option) {
        String name = option.alias().isEmpty() ? option.name() : option.alias() + ", " + option.name();
        return option.takesValue() ? name + " " + option.value() : name;
    }

    private static void row(StringBuilder text, String left, int width, String right) {
        text.append("  ").append(left);
        for (int at = left.length(); at < width + 2; at++) {
            text.append(' ');
        }
        text.append(right).append('\n');
    }
}
