package dev.aegisvm.cli.line;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Answers a shell that completes a command line. Each line of the answer is a word that may stand there, with a tab and
 * its help behind it where it has one; or tells the shell to complete something itself: {@code :files}, {@code
 * :directories}, {@code :command}.
 */
public final class Completion {
    private final Command root;
    private final BiFunction<Value.Kind, List<String>, List<String>> names;
    private final String current;
    private final List<String> operands = new ArrayList<>();
    private final List<String> answer = new ArrayList<>();

    private Completion(Command root, BiFunction<Value.Kind, List<String>, List<String>> names, String current) {
        this.root = root;
        this.names = names;
        this.current = current;
    }

    /**
     * Completes the last of the words behind the program's name; it may be empty, or begun.
     *
     * @param names what only a daemon knows: the names of all things of a kind, given the operands before the word. For
     *     a place in an instance, which has begun as the one operand, the places that begin so
     */
    public static List<String> of(
            Command root, BiFunction<Value.Kind, List<String>, List<String>> names, List<String> words) {
        Completion completion = new Completion(root, names, words.isEmpty() ? "" : words.getLast());
        completion.complete(words.subList(0, Math.max(0, words.size() - 1)));
        return completion.answer;
    }

    private void complete(List<String> before) {
        Command.Match match = root.walk(before);
        Command command = match.command();
        Verb verb = command.verb();
        if (match.length() == before.size()) {
            addCommands(command);
            if (verb == null) {
                add("--help", "show this help");
            }
        }
        if (verb != null) {
            completeVerb(verb, before.subList(match.length(), before.size()));
        }
    }

    private void completeVerb(Verb verb, List<String> before) {
        Value awaited = null;
        for (String word : before) {
            if (awaited != null) {
                awaited = null;
            } else if (word.equals("--")) {
                if (verb.takesCommand) {
                    answer.add(":command");
                }
                return;
            } else if (word.length() > 1 && word.charAt(0) == '-') {
                awaited = word.contains("=") ? null : valueOf(verb, word);
            } else {
                operands.add(word);
            }
        }
        int equals = current.startsWith("--") ? current.indexOf('=') : -1;
        Value assigned = equals < 0 ? null : valueOf(verb, current.substring(0, equals));
        if (awaited != null) {
            offer(awaited, "");
        } else if (assigned != null) {
            offer(assigned, current.substring(0, equals + 1));
        } else {
            completeWord(verb);
        }
    }

    private static @Nullable Value valueOf(Verb verb, String option) {
        Verb.Option declared = verb.option(option);
        return declared == null ? null : declared.value();
    }

    private void completeWord(Verb verb) {
        boolean operand = operands.size() < verb.maxOperands;
        if (operand && !current.startsWith("-")) {
            offer(verb.operands.get(Math.min(operands.size(), verb.operands.size() - 1)), "");
        } else {
            verb.options().forEach(option -> add(option.name(), option.help()));
        }
        if (verb.takesCommand && operands.size() >= verb.minOperands) {
            add("--", "the command follows");
        }
    }

    private void offer(Value value, String prefix) {
        value.choices().forEach(choice -> add(prefix + choice, ""));
        switch (value.kind()) {
            case TEXT -> {}
            case FILE -> answer.add(":files");
            case DIRECTORY -> answer.add(":directories");
            case COMMAND -> addCommands(root.walk(operands).command());
            case INSTANCE, EXEC, SECRET, IMAGE ->
                names.apply(value.kind(), operands).forEach(name -> add(prefix + name, ""));
            case PLACE -> {
                if (current.indexOf(':') > 0) {
                    names.apply(value.kind(), List.of(current)).forEach(path -> add(path, ""));
                    return;
                }
                names.apply(Value.Kind.INSTANCE, operands).forEach(name -> add(name + ":", ""));
                answer.add(":files");
            }
        }
    }

    private void addCommands(Command group) {
        group.children().forEach(child -> add(child.word, child.summary()));
        group.shortForms().forEach((alias, child) -> add(alias, child.summary()));
    }

    private void add(String word, String help) {
        if (word.startsWith(current)) {
            answer.add(help.isEmpty() ? word : word + "\t" + help);
        }
    }
}
