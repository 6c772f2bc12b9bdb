package dev.aegisvm.cli.line;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** What one call of the command works with: the console, the environment, the places, the daemon. */
public final class Session implements Closeable {
    /** How long a signal waits for an answer that may be on its way. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(2);

    private final Console console;
    private final Map<String, String> environment;
    private final AegisHome home;
    private final DaemonClient daemon;
    private final DaemonLauncher launcher;
    private final AtomicReference<String> outcome = new AtomicReference<>("");
    private boolean otherBuild;
    private boolean json;
    private boolean quiet;

    public Session(Console console, Map<String, String> environment) {
        this.console = console;
        this.environment = environment;
        this.home = AegisHome.of(environment);
        this.daemon = client();
        this.launcher = new DaemonLauncher(home, DaemonLauncher.program());
    }

    public Console console() {
        return console;
    }

    public Map<String, String> environment() {
        return environment;
    }

    public AegisHome home() {
        return home;
    }

    /** Answers and errors are JSON from now on, and nothing else of ours is on stderr. */
    public void sayJson() {
        json = true;
    }

    public boolean json() {
        return json;
    }

    /** Nothing of ours is on stderr but errors. */
    public void beQuiet() {
        quiet = true;
    }

    /** Whether of things that have names, these alone are to be printed. */
    public boolean quiet() {
        return quiet;
    }

    /** Prints an answer as a line: as JSON where that is asked for, else as text. */
    public void print(Record answer, String text) throws IOException {
        console.line(json ? ApiJson.text(answer) : text);
    }

    /** Says something that is no error. */
    public void note(String line) {
        if (!json && !quiet) {
            console.say("aegis: ".concat(Printable.of(line)));
        }
    }

    /** Says why the daemon refused, and what to do about it. */
    public void say(ApiException refusal) {
        ApiError error = refusal.error();
        if (json) {
            console.say(ApiJson.text(error));
            return;
        }
        console.say("aegis: ".concat(Printable.of(error.error())));
        if (error.hint() != null) {
            console.say("aegis:   ".concat(Printable.of(error.hint())));
        }
        if (error.log() != null) {
            error.log().forEach(line -> console.say("aegis:   | ".concat(Printable.of(line))));
        }
    }

    /** Says why we failed ourselves; the code is {@code usage}, {@code failed} or {@code interrupted}. */
    public void say(String code, String line) {
        console.say(json ? ApiJson.text(new ApiError(line, code, null, null, null)) : line);
    }

    /** Another client, of a daemon that need not run. */
    public DaemonClient client() {
        return new DaemonClient(home.socket(), this::compare);
    }

    /** Says once that the daemon is not of our build: it was started before an upgrade. */
    private void compare(String build) {
        String ours = Build.id();
        if (otherBuild || ours.isEmpty() || ours.equals(build)) {
            return;
        }
        otherBuild = true;
        note("aegisd is from another build than this command; `aegis up --restart` restarts it and running instances");
    }

    /** The client of this call, connected, for one thread; starts the daemon when it does not run, and says so. */
    public DaemonClient daemon() throws IOException {
        try {
            daemon.connect();
        } catch (DaemonException.NotRunning none) {
            note("starting aegisd…");
            launcher.launch();
            daemon.connect();
        }
        return daemon;
    }

    /**
     * From now on a signal ends what this waits for, and says what becomes of it, unless it is done. The daemon takes
     * the end of a connection for the wish to undo what it has not answered.
     */
    public void ifInterrupted(String becomes) {
        if (outcome.getAndSet(becomes).isEmpty()) {
            Ending.onSignal(this::leave);
        }
    }

    private void leave() {
        boolean starting = launcher.giveUp();
        try {
            daemon.hangUp();
        } catch (IOException gone) {
            // The answer or its end is there already.
        }
        if (!Ending.awaitDone(LEAVE_LIMIT)) {
            say("interrupted", "aegis: interrupted; " + (starting ? "aegisd was not started" : outcome.get()));
        }
    }

    @Override
    public void close() throws IOException {
        daemon.close();
    }

    public DaemonLauncher launcher() {
        return launcher;
    }
}
