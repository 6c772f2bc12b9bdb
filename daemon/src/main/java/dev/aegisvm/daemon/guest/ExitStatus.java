package dev.aegisvm.daemon.guest;

import java.util.OptionalInt;

/**
 * How a process in the guest ended.
 *
 * @param code 0..255 as a shell shows it: the process's own code, or 128 + the signal that ended it
 * @param signal the signal that ended it, absent when it exited by itself
 * @param outOfMemory whether the guest's kernel ended it because memory ran out
 */
public record ExitStatus(int code, OptionalInt signal, boolean outOfMemory) {
    public ExitStatus {
        if (code < 0 || code > 255) {
            throw new IllegalArgumentException("exit code " + code + " is not within 0..255");
        }
    }

    public static ExitStatus exited(int code) {
        return new ExitStatus(code, OptionalInt.empty(), false);
    }

    /** A process that a signal (1..64) ended. */
    public static ExitStatus killed(int signal, boolean outOfMemory) {
        return new ExitStatus(128 + signal, OptionalInt.of(signal), outOfMemory);
    }
}
