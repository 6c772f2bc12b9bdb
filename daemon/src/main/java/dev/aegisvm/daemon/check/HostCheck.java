package dev.aegisvm.daemon.check;

import dev.aegisvm.api.HostReport;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.Machine;
import dev.aegisvm.host.Program;
import dev.aegisvm.vmm.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code aegisd --check}: looks at each thing that a VM needs. Changes nothing, and starts no VM. */
public final class HostCheck {
    private static final int MIN_JDK = 25;
    private static final long MIN_MEMORY_MB = 768;
    /** A VM takes about 20 of the daemon's file descriptors while it starts, and each connection one. */
    private static final long MIN_FILES = 4096;

    private HostCheck() {}

    /**
     * Looks at all of it.
     *
     * @param backend what the hypervisor and the network found
     */
    public static HostReport report(Home home, Map<String, String> environment, List<Finding> backend)
            throws IOException {
        List<Finding> findings = new ArrayList<>(List.of(jdk()));
        findings.addAll(backend);
        findings.add(program("mkfs.erofs", "erofs-utils"));
        findings.add(program("mke2fs", "e2fsprogs"));
        Program.NEEDED.forEach(name -> findings.add(program(name, "util-linux")));
        findings.addAll(PlaceCheck.findings(home, environment));
        findings.addAll(resources(new Machine()));
        return HostReport.of(findings.stream()
                .map(each -> new HostReport.Check(
                        each.name(),
                        each.verdict().name().toLowerCase(Locale.ROOT),
                        each.found(),
                        each.advice().orElse(null)))
                .toList());
    }

    private static Finding jdk() {
        String found = Runtime.version() + " in " + System.getProperty("java.home");
        return Runtime.version().feature() >= MIN_JDK
                ? Finding.ok("jdk", found)
                : Finding.bad("jdk", found, install("openjdk-25-jdk-headless"));
    }

    private static Finding program(String name, String debianPackage) {
        Optional<Path> path = Program.find(name);
        return path.isPresent()
                ? Finding.ok(name, path.get().toString())
                : Finding.bad(name, "missing", install(debianPackage));
    }

    private static String install(String debianPackage) {
        return "apt-get install --no-install-recommends " + debianPackage;
    }

    static List<Finding> resources(Machine machine) {
        List<Finding> findings = new ArrayList<>();
        OptionalLong memory = machine.availableMemoryMb();
        String advice = "a VM takes up to 512 MB; end programs, or start it with --memory 256M";
        if (memory.isEmpty()) {
            findings.add(Finding.note("memory", "the kernel does not say what is available", advice));
        } else {
            String found = memory.getAsLong() + " MB available";
            findings.add(
                    memory.getAsLong() >= MIN_MEMORY_MB
                            ? Finding.ok("memory", found)
                            : Finding.note("memory", found, advice));
        }
        OptionalLong files = machine.maxOpenFiles();
        String found = files.isEmpty() ? "no limit" : "at most " + files.getAsLong() + " for one process";
        findings.add(
                files.isEmpty() || files.getAsLong() >= MIN_FILES
                        ? Finding.ok("open files", found)
                        : Finding.note(
                                "open files",
                                found + "; many VMs and connections need more",
                                "raise the hard limit, with a line in /etc/security/limits.conf: * hard nofile 65536"));
        return findings;
    }
}
