package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.api.Nearest;
import dev.aegisvm.cli.line.Arguments.Mistake;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/** Reads a verb's command line by what the verb declares. */
public final class Parser {
    private final String path;
    private final Verb verb;
    private final Arguments read;
    private boolean dashes;

    private Parser(String path, Verb verb) {
        this.path = path;
        this.verb = verb;
        this.read = new Arguments(path, verb.synopsis(path));
    }

    /** Parses the words of a command line from {@code from} on, which belong to the verb that {@code path} calls. */
    public static Arguments parse(String path, Verb verb, List<String> words, int from) {
        Parser parser = new Parser(path, verb);
        if (verb.raw) {
            parser.read.operands.addAll(words.subList(from, words.size()));
        } else {
            parser.take(words, from);
        }
        return parser.read;
    }

    private void take(List<String> words, int from) {
        for (int at = from; at < words.size() && !dashes; at++) {
            String word = words.get(at);
            if (word.equals("--")) {
                dashes = true;
                read.command = List.copyOf(words.subList(at + 1, words.size()));
            } else if (word.length() > 1 && word.charAt(0) == '-') {
                at += takeOption(word, at + 1 < words.size() ? words.get(at + 1) : null);
            } else if (verb.takesCommand && read.operands.size() == verb.maxOperands) {
                throw commandWithoutDashes(words, at);
            } else {
                read.operands.add(word);
            }
        }
        if (!read.has("--help")) {
            check();
        }
    }

    /** Takes an option; returns how many words after it were its value. */
    private int takeOption(String word, @Nullable String next) {
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        String name = equals < 0 ? word : word.substring(0, equals);
        Verb.Option option = verb.option(name);
        if (option == null) {
            return takeBundle(name);
        }
        Value value = option.value();
        if (value == null && equals >= 0) {
            throw read.wrong(name.concat(" takes no value"));
        }
        if (value == null || equals >= 0) {
            give(option, value == null ? "" : word.substring(equals + 1));
            return 0;
        }
        if (next == null || next.equals("--")) {
            throw read.wrong(name + " needs a value: " + name + " " + value.name());
        }
        give(option, next);
        return 1;
    }

    private void give(Verb.Option option, String value) {
        read.given.computeIfAbsent(option.name(), _ -> new ArrayList<>()).add(value);
    }

    private int takeBundle(String word) {
        List<Verb.Option> bundled = verb.bundle(word);
        if (bundled.isEmpty()) {
            List<String> known = verb.options().stream().map(Verb.Option::name).toList();
            String near = Nearest.to(word, known);
            throw read.wrong("unknown option " + Printable.of(word)
                    + (near == null ? "; see `" + path + " --help`" : "; did you mean " + near + "?"));
        }
        bundled.forEach(option -> give(option, ""));
        return 0;
    }

    private void check() {
        int chosen = verb.choosing && read.has(Verb.FILTER) ? 1 : 0;
        int most = chosen == 0 ? verb.maxOperands : verb.operands.size() - 1;
        if (read.operands.size() > most) {
            String extra = Printable.of(read.operands.get(most));
            throw read.wrong(
                    chosen == 0
                            ? "unexpected argument '" + extra + "': " + read.synopsis()
                            : "--filter and '" + extra + "' cannot be used together");
        }
        if (read.operands.size() < verb.minOperands - chosen) {
            throw read.wrong(
                    verb.operands.get(read.operands.size() + chosen).name() + " is missing: " + read.synopsis());
        }
        if (dashes && !verb.takesCommand) {
            throw read.wrong("takes no command: " + read.synopsis());
        }
        if (read.command.isEmpty() && (verb.commandNeeded || dashes)) {
            throw read.wrong("the command is missing: " + read.synopsis());
        }
        if (!read.command.isEmpty() && read.command.getFirst().isEmpty()) {
            throw read.wrong("the command is empty: " + read.synopsis());
        }
    }

    /** A command was begun where options and operands are: says how the line is to be written. */
    private Mistake commandWithoutDashes(List<String> words, int at) {
        List<String> rest = words.subList(at, words.size());
        if (rest.contains("--")) {
            return read.wrong("unexpected argument '" + Printable.of(rest.getFirst()) + "': " + read.synopsis());
        }
        String program = path.substring(0, path.indexOf(' '));
        String before = shown(words.subList(0, at));
        String command = program + " " + before + " -- ";
        if (verb.option("--image") == null) {
            return read.wrong("the command goes after --: " + command + shown(rest));
        }
        String image = program + " " + before + " --image " + shown(rest.subList(0, 1))
                + (rest.size() == 1 ? "" : " -- " + shown(rest.subList(1, rest.size())));
        boolean isImage = rest.getFirst().matches("[^/.].*[:/].*");
        return read.wrong(
                isImage
                        ? "the image goes after --image, and the command after --: " + image
                        : "the command goes after --: " + command + shown(rest) + "   (with an image: " + image + ")");
    }

    private static String shown(List<String> words) {
        return Printable.of(Printable.command(words));
    }
}
