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
        if (verb != null) {
            return ofVerb(command, verb);
        }
        return command.example.isEmpty() ? ofGroup(command) : ofRoot(command);
    }

    private static String ofVerb(Command command, Verb verb) {
        StringBuilder text = new StringBuilder(512);
        text.append(sentence(verb.summary) + "\n\n  " + verb.synopsis(command.path()) + "\n");
        List<String> section = section(command.path());
        String details = String.join("\n", section.subList(0, section.size() - 1));
        text.append(details.isEmpty() ? "" : "\n" + details + "\n");
        rows(text, "See also", command.children(), Command::path, Command::summary);
        rows(text, "Options", verb.options(), Verb.Option::shown, Verb.Option::help);
        if (!command.aliases.isEmpty()) {
            String program = command.path().substring(0, command.path().indexOf(' ') + 1);
            text.append("\nAliases: " + program + String.join(", " + program, command.aliases) + "\n");
        }
        return text.append("\nExample:\n  " + section.getLast().substring(EXAMPLE.length()) + "\n")
                .toString();
    }

    private static String ofGroup(Command group) {
        List<Command> verbs =
                group.all().stream().filter(command -> command.verb() != null).toList();
        int below = group.path().length() + 1;
        StringBuilder text = new StringBuilder(1024);
        text.append(sentence(group.summary()) + "\n\n  " + group.path() + " <command> [options]\n");
        rows(text, "Commands", verbs, command -> command.path().substring(below), Command::summary);
        return text.append("\n`" + group.path() + " <command> --help` tells more.\n")
                .toString();
    }

    /** The whole on one screen: of a group, only its words. */
    private static String ofRoot(Command root) {
        StringBuilder text = new StringBuilder(4096);
        text.append(sentence(root.summary()) + "\n\n  " + root.path() + " <command> [options], such as: " + root.example
                + "\n");
        root.children().stream()
                .collect(Collectors.groupingBy(child -> child.heading, LinkedHashMap::new, Collectors.toList()))
                .forEach((heading, commands) -> rows(
                        text, heading, commands, command -> String.format("%-10s", command.word), HelpText::inOneRow));
        String shortForms = String.join(", ", root.shortForms().keySet());
        return text.append("\nShort forms: " + shortForms + "\n`" + root.path() + " <command> --help` tells more.\n")
                .toString();
    }

    private static String inOneRow(Command command) {
        String words = String.join(", ", command.words()).replaceAll("(.{60,80},) ", "$1\n              ");
        return command.verb() == null ? words : command.summary();
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
