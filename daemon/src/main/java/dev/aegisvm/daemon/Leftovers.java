package dev.aegisvm.daemon;

import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.PrivateDirectory;
import dev.aegisvm.vmm.process.Posix;
import dev.aegisvm.vmm.process.ProcessIdentity;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Cleans up after a daemon that was killed in the middle of something: processes that were not in the registry yet, sockets,
 * and disks of instances that nobody knows.
 */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());

    private final Home home;

    Leftovers(Home home) {
        this.home = home;
    }

    /** Kills every process that works with our run directory, which is ours alone, and removes what is in it. */
    void endProcesses() throws IOException {
        if (Files.notExists(home.runDirectory())) {
            return;
        }
        String ours = home.runDirectory() + "/";
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (worksWith(process, ours)) {
                    kill(Long.parseLong(process.getFileName().toString()), process, ours);
                }
            }
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(home.runDirectory())) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry)) {
                    PrivateDirectory.remove(entry);
                } else {
                    Files.delete(entry);
                }
            }
        }
    }

    /** Removes the directories of instances that have no record. */
    void removeUnknown(Set<String> known) throws IOException {
        if (Files.notExists(home.instances())) {
            return;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(home.instances(), "inst-*")) {
            for (Path directory : directories) {
                if (!known.contains(directory.getFileName().toString())) {
                    LOG.log(Level.INFO, directory + " belongs to no instance and is removed");
                    PrivateDirectory.remove(directory);
                }
            }
        }
    }

    private static void kill(long pid, Path process, String ours) {
        try {
            ProcessIdentity identity = ProcessIdentity.of(pid);
            // Looked at again now that it is held by its identity.
            if (worksWith(process, ours) && identity.kill(Posix.SIGKILL)) {
                LOG.log(Level.INFO, "process " + pid + " still used " + ours + " and was ended");
            }
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "process " + pid + " is gone: " + gone);
        }
    }

    private static boolean worksWith(Path process, String ours) {
        try {
            String commandLine = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            String program = commandLine.substring(0, Math.max(0, commandLine.indexOf('\0')));
            String name = program.substring(program.lastIndexOf('/') + 1);
            return (name.startsWith("qemu-system-") || name.startsWith("passt")) && commandLine.contains(ours);
        } catch (IOException gone) {
            return false;
        }
    }
}
