package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.api.TextResource;

/** Help, written from the command tree, and from {@code help.txt} for what a command line is not read by. */
public final class HelpText {
    /** How a section of {@code help.txt} begins, and its last line. */
    private static final String VERB = "== ";

    private static final String EXAMPLE = "$ ";

    private HelpText() {}

    public static String of(Command command) {
        Verb verb = command.verb();
        return verb == null ? ofGroup(command) : ofVerb(command, verb.usage());
    }

    private static String ofVerb(Command command, Usage usage) {
        StringBuilder text = new StringBuilder(512);
        text.append(sentence(usage.summary) + "\n\n  " + usage.synopsis(command.path()) + "\n");
        List<String> section = section(command.path());
        String details = String.join("\n", section.subList(0, section.size() - 1));
        text.append(details.isEmpty() ? "" : "\n" + details + "\n");
        rows(text, "See also", command.children(), Command::path, Command::summary);
        rows(text, "Options", usage.options(), HelpText::left, Usage.Option::help);
        if (!command.aliases.isEmpty()) {
            String program = command.path().substring(0, command.path().indexOf(' ') + 1);
            text.append("\nAliases: " + program + String.join(", " + program, command.aliases) + "\n");
        }
        return text.append("\nExample:\n  " + section.getLast().substring(EXAMPLE.length()) + "\n")
                .toString();
    }

    private static String ofGroup(Command group) {
        StringBuilder text = new StringBuilder(1024);
        text.append(sentence(group.summary()) + "\n\n  " + group.path() + " <command> [options]\n");
        List<Command> verbs =
                group.all().stream().filter(command -> command.verb() != null).toList();
        int below = group.path().length() + 1;
        rows(text, "Commands", verbs, command -> command.path().substring(below), Command::summary);
        SortedMap<String, Command> shortForms = group.shortForms();
        rows(
                text,
                "Short forms",
                shortForms.entrySet(),
                Map.Entry::getKey,
                form -> form.getValue().path());
        text.append("\n`" + group.path() + " <command> --help` tells more.\n");
        if (!group.example.isEmpty()) {
            text.append("\nExample:\n  " + group.example + "\n");
        }
        return text.toString();
    }

    /** What {@code help.txt} has of a verb: lines of explanation, and an example, which is last. */
    private static List<String> section(String path) {
        for (String section : TextResource.of(HelpText.class, "help.txt").split("\n\n", -1)) {
            if (section.startsWith(VERB + path + "\n")) {
                return section.lines().skip(1).toList();
            }
        }
        return List.of(EXAMPLE);
    }

    private static String sentence(String summary) {
        return Character.toUpperCase(summary.charAt(0)) + summary.substring(1) + ".";
    }

    private static String left(Usage.Option option) {
        Value value = option.value();
        return value == null ? option.shown() : option.shown() + " " + value.name();
    }

    /** Adds a table of things, unless there are none. */
    private static <T> void rows(
            StringBuilder text,
            String title,
            Collection<T> things,
            Function<T, String> left,
            Function<T, String> right) {
        int width = things.stream()
                .mapToInt(each -> left.apply(each).length())
                .max()
                .orElse(0);
        text.append(things.isEmpty() ? "" : "\n" + title + ":\n");
        for (T each : things) {
            String first = left.apply(each);
            text.append("  " + first).repeat(' ', width + 2 - first.length()).append(right.apply(each) + "\n");
        }
    }
}
