package dev.aegisvm.cli;

import dev.aegisvm.api.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.ProcessSinks;
import java.io.IOException;

/** Joins a process in a guest with our own stdin, stdout and stderr until it ends. */
final class FollowedProcess {
    private FollowedProcess() {}

    /**
     * Gives the exit code of the process.
     *
     * @param started is told when the process runs
     */
    static int follow(AttachedProcess process, boolean stdin, Runnable started, Console console) throws IOException {
        if (stdin) {
            Thread feeder = new Thread(() -> feed(process, console), "stdin");
            feeder.setDaemon(true);
            feeder.start();
        } else {
            endStdin(process);
        }
        ProcessExit exit = process.pump(new ProcessSinks(
                console.out(), console.err(), started, note -> console.say("aegis: ".concat(Printable.of(note)))));
        return exit.exitCode();
    }

    private static void feed(AttachedProcess process, Console console) {
        try {
            process.feed(console.in());
        } catch (IOException processEnded) {
            return;
        }
    }

    private static void endStdin(AttachedProcess process) {
        try {
            process.endStdin();
        } catch (IOException processEnded) {
            // Why is in the frames that have come already.
            return;
        }
    }
}
