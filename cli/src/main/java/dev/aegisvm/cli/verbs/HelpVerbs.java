package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.*;

/** The verbs about the command itself. */
public final class HelpVerbs {
    private static final long NAMES_LIMIT_MS = 1000;
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_.@%+,-]+");
    private static final Value SHELL = Value.of("<bash|zsh|fish>", "bash", "zsh", "fish");

    private HelpVerbs() {}

    public static Verb help(Command root) {
        return Verb.of("show the commands, or the help of one")
                .optionalOperands(Value.of("[command]", Value.Kind.COMMAND))
                .does((arguments, session) -> {
                    List<String> words = new ArrayList<>(arguments.operands());
                    words.add("--help");
                    Command asked = arguments.operands().isEmpty()
                            ? root
                            : root.find(words).command();
                    session.console().print(HelpText.of(asked));
                    return 0;
                });
    }

    public static Verb version() {
        return Verb.of("print the version").does((_, session) -> {
            String version = Build.version();
            session.console().line(session.json() ? "{\"version\":\"" + version + "\"}" : "aegis ".concat(version));
            return 0;
        });
    }

    public static Verb completion() {
        return Verb.of("print the completion script for bash, zsh or fish")
                .operand(SHELL)
                .does(HelpVerbs::completion);
    }

    private static int completion(Arguments arguments, Session session) throws IOException {
        String shell = arguments.operand();
        if (!SHELL.choices().contains(shell)) {
            String near = Nearest.to(shell, SHELL.choices());
            throw arguments.wrong("no completion for '" + Printable.of(shell) + "'; "
                    + (near == null
                            ? "there is one for bash, zsh and fish"
                            : "did you mean `aegis completion " + near + "`?"));
        }
        session.console().print(TextResource.of(HelpVerbs.class, "completion." + shell));
        return 0;
    }

    /** {@code aegis __complete}: completions of the last word. Starts no daemon and prints no errors. */
    public static Verb complete(Command root) {
        return Verb.of("complete a command line").raw().does((arguments, session) -> {
            List<String> found =
                    Completion.of(root, (kind, before) -> names(session, kind, before), arguments.operands());
            session.console().print(found.stream().map(line -> line + "\n").collect(Collectors.joining()));
            return 0;
        });
    }

    /** What the daemon knows; nothing when it does not answer soon, since a person waits for the next key. */
    private static List<String> names(Session session, Value.Kind kind, List<String> operands) {
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("names").start(() -> names.complete(ask(session, kind, operands)));
        return names.completeOnTimeout(List.of(), NAMES_LIMIT_MS, TimeUnit.MILLISECONDS)
                .join();
    }

    private static List<String> ask(Session session, Value.Kind kind, List<String> operands) {
        List<String> names = new ArrayList<>();
        try (DaemonClient daemon = session.client()) {
            switch (kind) {
                case INSTANCE -> daemon.call(Routes.LIST).forEach(each -> names.add(each.name()));
                case EXEC -> daemon.call(Routes.EXECS, operands.getFirst()).forEach(each -> names.add(each.execId()));
                case SECRET -> daemon.call(Routes.LIST_SECRETS).forEach(each -> names.add(each.name()));
                case IMAGE -> daemon.call(Routes.LIST_IMAGES).forEach(each -> names.addAll(each.names()));
                case PLACE -> addPaths(operands.getFirst(), daemon, names);
                case TEXT, FILE, DIRECTORY, COMMAND -> {}
            }
        } catch (ApiException | IOException | IllegalArgumentException nothingToOffer) {
            return List.of();
        }
        names.replaceAll(Printable::of);
        return names;
    }

    /**
     * Adds what is in the directory of {@code NAME:/directory/begun}, if that instance runs: none wakes up for a key
     * that is pressed. Directories end with a slash. A guest chooses these names, so one that a shell might take for
     * more is left out.
     */
    private static void addPaths(String place, DaemonClient daemon, List<String> names) throws IOException {
        int colon = place.indexOf(':');
        int slash = place.lastIndexOf('/');
        String instance = place.substring(0, colon);
        if (slash <= colon) {
            names.add(instance + ":/");
        } else if (daemon.call(Routes.GET, instance).state() == InstanceStatus.RUNNING) {
            String directory = place.substring(0, slash + 1);
            try (JsonLines entries = new InstanceFiles(daemon, instance, null).list(directory.substring(colon + 1))) {
                addFiles(directory, entries, names);
            }
        }
    }

    private static void addFiles(String directory, JsonLines entries, List<String> names) throws IOException {
        for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
            FileView file = ApiJson.answer(FileView.class, entry);
            if (PLAIN.matcher(file.name()).matches()) {
                names.add(directory + file.name() + (file.isDirectory() ? "/" : ""));
            }
        }
    }
}
