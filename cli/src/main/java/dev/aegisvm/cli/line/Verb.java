package dev.aegisvm.cli.line;

import module java.base;
import org.jspecify.annotations.Nullable;

/** One thing that the command can do, and what it takes, declared once: parsing, help and completion read it. */
public final class Verb {
    /** The exit code of our own failures. */
    public static final int FAILED = 1;

    /** The same where the exit code could be a guest's. */
    public static final int FAILED_BESIDE_GUEST = 125;

    /** Chooses instances. */
    public static final String FILTER = "--filter";

    private static final Option JSON = Option.of("--json", "print JSON, errors too");
    private static final Option HELP = Option.of("--help -h", "show this help");

    final String summary;
    private final List<Option> options = new ArrayList<>();
    final List<Value> operands = new ArrayList<>();
    /** How many operands there have to be, and how many there may be. */
    int minOperands;

    int maxOperands;
    boolean raw;
    boolean takesCommand;
    boolean commandNeeded;
    /** {@code --filter} can stand in place of the first operands: names of instances. */
    boolean choosing;

    private String interrupted = "";
    private int failed = FAILED;
    private Action action = (_, _) -> 0;

    /** What a verb does; gives the exit code. */
    public interface Action {
        int run(Arguments arguments, Session session) throws IOException;
    }

    /** An option: its names, of which {@code --name} is the first, and its value; a switch has none. */
    record Option(List<String> names, @Nullable Value value, String help) {
        private static Option of(String form, String help) {
            List<String> words = List.of(form.split(" "));
            boolean takesValue = !words.getLast().startsWith("-");
            List<String> names = takesValue ? words.subList(0, words.size() - 1) : words;
            return new Option(names, takesValue ? Value.of(words.getLast()) : null, help);
        }

        String name() {
            return names.getFirst();
        }

        /** As help shows it: {@code -n, --name NAME}. */
        String shown() {
            Optional<String> brief =
                    names.stream().filter(each -> !each.startsWith("--")).findFirst();
            return brief.map(each -> each + ", ").orElse("") + name() + (value == null ? "" : " " + value.name());
        }
    }

    private Verb(String summary) {
        this.summary = summary;
    }

    /** Begins with one line on what the verb does. */
    public static Verb of(String summary) {
        return new Verb(summary);
    }

    /**
     * An option: {@code --name}; a short one, {@code -n}, is shown too; others work. What is behind them, such as {@code
     * SIZE}, is its value; without that, it is a switch.
     */
    public Verb with(String form, String help) {
        options.add(Option.of(form, help));
        return this;
    }

    /** Values of the latest option that are worth offering. */
    public Verb offering(String... choices) {
        return offering(Value.Kind.TEXT, choices);
    }

    /** The same, and where completion finds more of them. */
    public Verb offering(Value.Kind kind, String... choices) {
        Option latest = options.removeLast();
        Value value = Objects.requireNonNull(latest.value());
        options.add(new Option(latest.names(), new Value(value.name(), kind, List.of(choices)), latest.help()));
        return this;
    }

    public Verb withQuiet() {
        return with("--quiet -q", "print only names or ids");
    }

    /** Instances may be chosen in place of being named by the first operands. */
    public Verb choosing() {
        choosing = true;
        return filtering("", "instead of a name: those with label=K[=V], status=STATE, name=PART");
    }

    /** It takes {@code --filter}; a short form of it begins with a blank, or is empty. */
    public Verb filtering(String shortForm, String help) {
        return with(FILTER + shortForm + " KEY=VALUE", help)
                .offering("label=", "status=running", "status=stopped", "name=");
    }

    public Verb operand(Value operand) {
        minOperands++;
        return optionalOperand(operand);
    }

    public Verb optionalOperand(Value operand) {
        operands.add(operand);
        maxOperands++;
        return this;
    }

    /** One operand, which may be given several times. */
    public Verb operands(Value operand) {
        minOperands++;
        return optionalOperands(operand);
    }

    public Verb optionalOperands(Value operand) {
        operands.add(operand);
        maxOperands = Integer.MAX_VALUE;
        return this;
    }

    /** It takes a command after {@code --}. */
    public Verb command(boolean needed) {
        takesCommand = true;
        commandNeeded = needed;
        return this;
    }

    /** Every word is an operand, also one that looks like an option. */
    public Verb raw() {
        raw = true;
        return this;
    }

    /** Its exit code could be a guest's. */
    public Verb besideGuest() {
        failed = FAILED_BESIDE_GUEST;
        return this;
    }

    /** What a signal says that becomes of what it is about. */
    public Verb interrupted(String becomes) {
        interrupted = becomes;
        return this;
    }

    public Verb does(Action what) {
        action = what;
        return this;
    }

    /** The exit code of our own failures. */
    public int failed() {
        return failed;
    }

    public int run(Arguments arguments, Session session) throws IOException {
        if (!interrupted.isEmpty()) {
            session.ifInterrupted(interrupted);
        }
        return action.run(arguments, session);
    }

    /** All options; those that every verb has are last. */
    List<Option> options() {
        List<Option> all = new ArrayList<>(options);
        all.add(JSON);
        all.add(HELP);
        return all;
    }

    @Nullable
    Option option(String text) {
        return options().stream()
                .filter(option -> option.names().contains(text))
                .findFirst()
                .orElse(null);
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
        if (takesCommand) {
            line.append(commandNeeded ? " -- <cmd> [args…]" : " [-- <cmd> [args…]]");
        }
        return line.toString();
    }
}
