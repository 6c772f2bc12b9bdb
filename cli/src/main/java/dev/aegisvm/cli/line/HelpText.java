package dev.aegisvm.cli.line;

import module java.base;

/** Help, written from the command tree. */
public final class HelpText {
    private record Row(String left, String right) {}

    private HelpText() {}

    public static String of(Command command) {
        Verb verb = command.verb();
        return verb == null ? ofGroup(command) : ofVerb(command, verb.usage());
    }

    private static String ofVerb(Command command, Usage usage) {
        StringBuilder text = new StringBuilder(512);
        text.append(sentence(usage.summary) + "\n\n  " + usage.synopsis(command.path()) + "\n");
        if (!usage.details.isEmpty()) {
            text.append("\n" + usage.details + "\n");
        }
        List<Row> below = new ArrayList<>();
        command.children().forEach(child -> below.add(new Row(child.path(), child.summary())));
        rows(text, "See also", below);
        List<Row> options = new ArrayList<>();
        usage.options().forEach(option -> options.add(new Row(left(option), option.help())));
        rows(text, "Options", options);
        if (!command.aliases.isEmpty()) {
            String program = command.path().substring(0, command.path().indexOf(' ') + 1);
            text.append("\nAliases: " + program + String.join(", " + program, command.aliases) + "\n");
        }
        return text.append("\nExample:\n  " + usage.example + "\n").toString();
    }

    private static String ofGroup(Command group) {
        StringBuilder text = new StringBuilder(1024);
        text.append(sentence(group.summary()) + "\n\n  " + group.path() + " <command> [options]\n");
        List<Row> commands = new ArrayList<>();
        for (Command command : group.all()) {
            if (command.verb() != null) {
                String below = command.path().substring(group.path().length() + 1);
                commands.add(new Row(below, command.summary()));
            }
        }
        rows(text, "Commands", commands);
        List<Row> shortForms = new ArrayList<>();
        group.shortForms().forEach((alias, command) -> shortForms.add(new Row(alias, command.path())));
        rows(text, "Short forms", shortForms);
        text.append("\n`" + group.path() + " <command> --help` tells more.\n");
        if (!group.example.isEmpty()) {
            text.append("\nExample:\n  " + group.example + "\n");
        }
        return text.toString();
    }

    private static String sentence(String summary) {
        return Character.toUpperCase(summary.charAt(0)) + summary.substring(1) + ".";
    }

    private static String left(Usage.Option option) {
        Value value = option.value();
        return value == null ? option.shown() : option.shown() + " " + value.name();
    }

    private static void rows(StringBuilder text, String title, List<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        int width = rows.stream().mapToInt(row -> row.left().length()).max().orElse(0);
        text.append("\n" + title + ":\n");
        for (Row row : rows) {
            text.append("  " + row.left())
                    .repeat(' ', width + 2 - row.left().length())
                    .append(row.right() + "\n");
        }
    }
}
