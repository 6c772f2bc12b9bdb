package dev.aegisvm.api;

import module java.base;

/** The signals of Linux by their names, signal(7); the numbers are those of x86-64 and arm64. */
public final class Signals {
    private static final List<String> NAMES = List.of(("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE"
                    + " ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
            .split(" ", -1));

    private static final int MAX = 64;
    /** Added to a signal, it is the exit code of what that ended. */
    private static final int EXIT = 128;

    private Signals() {}

    /** The number of a signal by its number or its name, with SIG before it or without. */
    public static Optional<Integer> number(String text) {
        int number = text.matches("\\d{1,2}")
                ? Integer.parseInt(text)
                : NAMES.indexOf(text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "")) + 1;
        return Optional.of(number).filter(known -> known >= 1 && known <= MAX);
    }

    /** The signal that an exit code tells of, such as {@code SIGSEGV} for 139. */
    public static Optional<String> ofExit(int exitCode) {
        int signal = exitCode - EXIT;
        return signal >= 1 && signal <= NAMES.size() ? Optional.of("SIG" + NAMES.get(signal - 1)) : Optional.empty();
    }

    /** An exit code as people read it, such as {@code 139 (SIGSEGV)}. */
    public static String exit(int exitCode) {
        return exitCode + ofExit(exitCode).map(" (%s)"::formatted).orElse("");
    }
}
