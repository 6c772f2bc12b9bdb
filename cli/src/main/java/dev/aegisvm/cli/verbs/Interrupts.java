package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.terminal.Ending;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.host.Signals;
import java.io.IOException;

/** Ctrl+C for a process in a guest: the first one is its own to answer, the second one ends us, and with us the process. */
final class Interrupts {
    private static final int SIGINT = 2;

    private final AttachedProcess process;
    private boolean running;
    private boolean asked;

    private Interrupts(AttachedProcess process) {
        this.process = process;
    }

    /** Hears Ctrl+C from now on. */
    static Interrupts goTo(AttachedProcess process) {
        Interrupts interrupts = new Interrupts(process);
        Signals.on("INT", interrupts::heard);
        return interrupts;
    }

    /** The process runs, so that there is someone to interrupt. */
    synchronized void started() {
        running = true;
    }

    private void heard() {
        if (!isForProcess()) {
            Ending.bySignal(SIGINT);
        }
        try {
            process.signal(SIGINT);
        } catch (IOException processEnded) {
            return;
        }
    }

    private synchronized boolean isForProcess() {
        boolean first = running && !asked;
        asked = true;
        return first;
    }
}
