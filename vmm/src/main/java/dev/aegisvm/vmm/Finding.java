package dev.aegisvm.vmm;

import java.util.Optional;

/**
 * One thing that a backend needs of the host, and what was found.
 *
 * @param advice what to do about it; empty when all is well
 */
public record Finding(String name, Verdict verdict, String found, Optional<String> advice) {
    /** Whether VMs can run with what was found. */
    public enum Verdict {
        OK,
        /** They can, but the user should know. */
        NOTE,
        BAD
    }

    public static Finding ok(String name, String found) {
        return new Finding(name, Verdict.OK, found, Optional.empty());
    }

    public static Finding note(String name, String found, String advice) {
        return new Finding(name, Verdict.NOTE, found, Optional.of(advice));
    }

    public static Finding bad(String name, String found, String advice) {
        return new Finding(name, Verdict.BAD, found, Optional.of(advice));
    }
}
