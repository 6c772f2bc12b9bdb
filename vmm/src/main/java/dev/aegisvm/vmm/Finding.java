package dev.aegisvm.vmm;

import dev.aegisvm.host.Program;
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

    /** Whether a program is here; the advice is how this host's package with it is installed. */
    public static Finding program(String name, String debianPackage) {
        return Program.find(name)
                .map(path -> ok(name, path.toString()))
                .orElseGet(() -> bad(name, "missing", install(debianPackage)));
    }

    /** The command by which this host's user installs a package. */
    public static String install(String debianPackage) {
        return Distribution.ofThisHost().install(debianPackage);
    }
}
