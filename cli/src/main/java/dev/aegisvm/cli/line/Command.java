package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.api.Nearest;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A word of the command tree: a verb, a group of commands, or both, such as {@code exec}. The whole tree is declared in
 * one place; dispatch, help, completion and docs/CLI.md follow from it. A verb is made only when it is asked for.
 */
public final class Command {
    final String word;
    private final String path;
    private final @Nullable Supplier<Verb> verb;
    private final String summary;
    private final List<Command> children = new ArrayList<>();
    final List<String> aliases = new ArrayList<>();
    private final List<String> elsewhere = new ArrayList<>();
    String example = "";
    /** What help lists it under, and commands that are added to it after that. */
    String heading = "";

    private final Map<String, String> absent = new HashMap<>();

    /** What a command line calls, and how many words of the line named it. */
    public record Match(Command command, int length) {}

    private Command(String word, String path, @Nullable Supplier<Verb> verb, String summary) {
        this.word = word;
        this.path = path;
        this.verb = verb;
        this.summary = summary;
    }

    public static Command root(String program, String summary, String example) {
        Command root = new Command(program, program, null, summary);
        root.example = example;
        return root;
    }

    public Command verb(String name, Supplier<Verb> does) {
        return add(new Command(name, path + " " + name, does, ""));
    }

    public Command group(String name, String about) {
        return add(new Command(name, path + " " + name, null, about));
    }

    /** Help lists the commands that are added from now on under this heading. */
    public void heading(String title) {
        heading = title;
    }

    /** A word that other programs have and this one has not, and what to do instead. */
    public void absent(String name, String instead) {
        absent.put(name, instead);
    }

    private Command add(Command child) {
        child.heading = heading;
        children.add(child);
        return child;
    }

    /** First words of a command line that call this command as well. */
    public Command aliases(String... words) {
        aliases.addAll(List.of(words));
        return this;
    }

    /** What other programs call it; a user who types that is told our word. */
    public Command calledElsewhere(String... words) {
        elsewhere.addAll(List.of(words));
        return this;
    }

    /** The aliases by which the root calls commands below others, sorted; empty for all but the root. */
    public SortedMap<String, Command> shortForms() {
        SortedMap<String, Command> forms = new TreeMap<>();
        if (path.equals(word)) {
            for (Command command : all()) {
                command.aliases.stream()
                        .filter(alias -> !alias.startsWith("-"))
                        .forEach(alias -> forms.put(alias, command));
            }
        }
        return forms;
    }

    public String path() {
        return path;
    }

    /** What it does; null for a mere group. */
    public @Nullable Verb verb() {
        return verb == null ? null : verb.get();
    }

    public String summary() {
        return verb == null ? summary : verb.get().summary;
    }

    /** But for those that scripts call: they work, and are neither listed nor completed. */
    public List<Command> children() {
        return children.stream().filter(child -> !child.word.startsWith("__")).toList();
    }

    /** This command and all below that are shown. */
    public List<Command> all() {
        List<Command> all = new ArrayList<>(List.of(this));
        for (Command child : children()) {
            all.addAll(child.all());
        }
        return all;
    }

    /** Follows the words of a command line as far as they name commands; throws when that command cannot be called. */
    public Match find(List<String> words) {
        Match match = walk(words);
        Command found = match.command();
        boolean asksForHelp =
                match.length() < words.size() && List.of("--help", "-h").contains(words.get(match.length()));
        if (found.verb != null || asksForHelp) {
            return match;
        }
        if (words.isEmpty()) {
            throw new Arguments.Mistake(path + ": a command is missing; see `" + path + " --help`, or try: " + example);
        }
        if (match.length() == words.size()) {
            throw new Arguments.Mistake(
                    found.path + ": a command is missing; one of: " + String.join(", ", found.words()));
        }
        throw found.unknown(words.get(match.length()));
    }

    /** As {@link #find}, but also where the words lead to a group, or not to the end. */
    Match walk(List<String> words) {
        Command at = this;
        int length = 0;
        while (length < words.size()) {
            Command next = at.below(words.get(length));
            boolean operandOfThatName = at.verb != null && words.contains("--");
            if (next == null || operandOfThatName) {
                break;
            }
            at = next;
            length++;
        }
        return new Match(at, length);
    }

    private @Nullable Command below(String name) {
        for (Command child : children) {
            if (child.word.equals(name)) {
                return child;
            }
        }
        return path.equals(word)
                ? all().stream()
                        .filter(each -> each.aliases.contains(name))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    List<String> words() {
        return children().stream().map(child -> child.word).toList();
    }

    private Arguments.Mistake unknown(String given) {
        int space = path.indexOf(' ');
        String program = space < 0 ? path : path.substring(0, space);
        String below = space < 0 ? "" : path.substring(space + 1) + " ";
        List<String> meant = meant(given);
        String hint =
                meant.isEmpty() ? "see `" + path + " --help`" : "did you mean `" + String.join("` or `", meant) + "`?";
        return new Arguments.Mistake(program + ": unknown command '" + below + Printable.of(given) + "'; "
                + absent.getOrDefault(given, hint));
    }

    /** The paths of commands elsewhere with this name; if there are none, of one here with a similar name. */
    private List<String> meant(String given) {
        List<String> same = all().stream()
                .filter(command -> command.word.equals(given)
                        || command.aliases.contains(given)
                        || command.elsewhere.contains(given))
                .map(Command::path)
                .toList();
        if (!same.isEmpty()) {
            return same;
        }
        List<String> known = new ArrayList<>(words());
        known.addAll(shortForms().keySet());
        String near = Nearest.to(given, known);
        return near == null ? List.of() : List.of(path + " " + near);
    }
}
