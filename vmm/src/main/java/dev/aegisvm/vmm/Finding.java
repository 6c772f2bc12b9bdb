package dev.aegisvm.vmm;

import module java.base;
import dev.aegisvm.host.*;
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

    /** A family of Linux distributions, by how its users install programs. Packages have their names in Debian. */
    enum Distribution {
        DEBIAN("apt-get install --no-install-recommends", "qemu-system-x86", "openjdk-25-jdk-headless"),
        FEDORA("dnf install", "qemu-system-x86-core", "java-25-openjdk-headless"),
        ARCH("pacman -S", "qemu-system-x86", "jdk-openjdk"),
        ALPINE("apk add", "qemu-system-x86_64", "openjdk25-jre-headless");

        private static final Map<String, Distribution> BY_ID = Map.of(
                "debian", DEBIAN, "ubuntu", DEBIAN, "fedora", FEDORA, "rhel", FEDORA, "centos", FEDORA, "arch", ARCH,
                "alpine", ALPINE);

        /** Those that others call by another name; all else has the same everywhere. */
        private final String command, qemu, jdk;

        Distribution(String command, String qemu, String jdk) {
            this.command = command;
            this.qemu = qemu;
            this.jdk = jdk;
        }

        /** That of this host; Debian where nothing says which it is. */
        public static Distribution ofThisHost() {
            Machine host = new Machine();
            return host.read("etc/os-release")
                    .or(() -> host.read("usr/lib/os-release"))
                    .map(Distribution::of)
                    .orElse(DEBIAN);
        }

        /** @param osRelease the content of os-release(5): the distribution, then those that it is like */
        static Distribution of(String osRelease) {
            return Stream.of("ID=", "ID_LIKE=")
                    .flatMap(key -> osRelease
                            .lines()
                            .filter(line -> line.startsWith(key))
                            .map(line -> line.substring(key.length()).replaceAll("[\"']", "")))
                    .flatMap(names -> Stream.of(names.split(" ", -1)))
                    .flatMap(name -> Optional.ofNullable(BY_ID.get(name)).stream())
                    .findFirst()
                    .orElse(DEBIAN);
        }

        public String install(String debianPackage) {
            Map<String, String> names = Map.of(DEBIAN.qemu, qemu, DEBIAN.jdk, jdk);
            return command + " " + names.getOrDefault(debianPackage, debianPackage);
        }
    }
}
