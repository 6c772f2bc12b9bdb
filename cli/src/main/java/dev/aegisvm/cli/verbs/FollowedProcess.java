package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;

/** Joins a process in a guest with our own stdin, stdout and stderr, or with our terminal, until it ends. */
final class FollowedProcess {
    /** Terminals that the base image knows; for others its own default is the better one. */
    private static final Set<String> KNOWN_TERMINALS = Set.of(
            "xterm xterm-256color screen screen-256color tmux tmux-256color linux vt100 vt220 rxvt dumb".split(" "));

    private final Session session;
    private final boolean stdin;
    private final boolean tty;
    /** Ours, where the process has one and our stdin. */
    private final @Nullable Terminal terminal;

    private FollowedProcess(Session session, boolean stdin, boolean tty) {
        this.session = session;
        this.stdin = stdin;
        this.tty = tty;
        this.terminal = stdin && tty ? Terminal.ofStdin().orElse(null) : null;
    }

    static Verb declare(Verb verb) {
        return verb.with("--interactive -i", "pass on stdin")
                .with("--tty -t", "allocate a terminal for the command; with -i, connect it to yours");
    }

    /** Whether the command line asks not to wait for the process, with which nothing of ours is joined then. */
    static boolean isDetached(Arguments arguments) {
        boolean detached = arguments.has("--detach");
        if (detached && (arguments.has("--tty") || arguments.has("--interactive"))) {
            throw arguments.wrong("--detach cannot be used together with -i or -t, since it does not wait");
        }
        return detached;
    }

    /** As the options say that {@link #declare} declares. */
    static FollowedProcess of(Arguments arguments, Session session) {
        FollowedProcess joined = attached(arguments, session, arguments.has("--tty"));
        if (joined.stdin && joined.tty && joined.terminal == null) {
            throw arguments.wrong("-it needs a terminal, but stdin is not one: leave -t out");
        }
        return joined;
    }

    /** With our terminal where stdin is one, and with stdin in any case. */
    static FollowedProcess ofShell(Session session) {
        return new FollowedProcess(session, true, Terminal.ofStdin().isPresent());
    }

    /** With our stdin where that is asked for; with our terminal where the process has one, too. */
    static FollowedProcess attached(Arguments arguments, Session session, boolean tty) {
        return new FollowedProcess(session, arguments.has("--interactive"), tty);
    }

    /** The size of the terminal that the process shall have, or null for none. */
    @Nullable
    TerminalSize size() {
        return tty ? terminalSize() : null;
    }

    private static TerminalSize terminalSize() {
        Terminal.Size ours = Terminal.size();
        return new TerminalSize(ours.rows(), ours.columns());
    }

    /** The environment that is asked for, and what the process has to know of our terminal. */
    Map<String, String> environment(Map<String, String> asked) {
        if (!tty) {
            return asked;
        }
        Map<String, String> environment = new LinkedHashMap<>();
        String kind = session.environment().get("TERM");
        if (kind != null && KNOWN_TERMINALS.contains(kind)) {
            environment.put("TERM", kind);
        }
        environment.computeIfAbsent("COLORTERM", session.environment()::get);
        environment.putAll(asked);
        return environment;
    }

    /** Gives the exit code of the process; {@code started} is told when it runs. */
    int follow(AttachedProcess process, Runnable started) throws IOException {
        if (terminal != null) {
            return followAtTerminal(process, terminal, started);
        }
        if (stdin) {
            feed(process);
        } else {
            process.endStdin();
        }
        return pump(process, started);
    }

    /** As {@link #follow}, but the process keeps its stdin, and goes on when we end. */
    int watch(AttachedProcess process) throws IOException {
        return stdin ? follow(process, () -> {}) : pump(process, () -> {});
    }

    /** As {@link #follow}; the first Ctrl+C is sent to the process, the second ends this command and the process. */
    int followInterruptible(AttachedProcess process) throws IOException {
        AtomicBoolean answers = new AtomicBoolean();
        Ending.hear(Posix.SIGINT, () -> {
            if (!answers.compareAndSet(true, false)) {
                Ending.bySignal(Posix.SIGINT);
            }
            process.signal(Posix.SIGINT);
        });
        return follow(process, () -> answers.set(true));
    }

    private int followAtTerminal(AttachedProcess process, Terminal ours, Runnable started) throws IOException {
        Ending.onSignal(ours::close);
        try (ours) {
            Ending.hear(Posix.SIGWINCH, () -> resize(process));
            return pump(process, () -> {
                started.run();
                ours.raw();
                resize(process);
                feed(process);
            });
        }
    }

    private int pump(AttachedProcess process, Runnable started) throws IOException {
        Console console = session.console();
        String lineEnd = terminal == null ? "\n" : "\r\n";
        ProcessExit exit = process.pump(
                bytes -> Console.write(console.out(), bytes),
                bytes -> Console.write(console.err(), bytes),
                started,
                note -> console.mutter("aegis: " + Printable.of(note) + lineEnd));
        if (Boolean.TRUE.equals(exit.timedOut())) {
            console.mutter("aegis: --timeout has passed; the command was killed, with all that it started" + lineEnd);
        }
        return exit.exitCode();
    }

    /** Tells the process how large our terminal is now; two that come at once keep their order. */
    private synchronized void resize(AttachedProcess process) {
        process.resize(terminalSize());
    }

    private void feed(AttachedProcess process) {
        Thread.ofPlatform().daemon().name("stdin").start(() -> {
            try {
                process.feed(session.console().in());
            } catch (IOException unreadable) {
                return;
            }
        });
    }
}
