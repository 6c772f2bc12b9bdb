package dev.aegisvm.daemon;

import module java.base;
import dev.aegisvm.api.Names;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.disk.*;
import java.lang.System.Logger.Level;

/**
 * Cleans up after a daemon that was killed in the middle of something: VMs, instances that live as long as their daemon,
 * processes that were not in the registry yet, sockets, disks and logs without an instance, and disks that are half made.
 */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());

    private static final Duration DEATH = Duration.ofSeconds(5);
    private static final String KILLED = "the daemon was killed";

    private Leftovers() {}

    /**
     * Kills every process that works with our run directory, which is ours alone, and removes what is in it. They are
     * gone when this returns: a disk has one VM at a time.
     *
     * @param programs what the names of the processes begin with that work for VMs
     */
    static void endProcesses(Home home, Set<String> programs) throws IOException {
        if (Files.notExists(home.runDirectory())) {
            return;
        }
        String ours = home.runDirectory() + "/";
        List<ProcessIdentity> ending = ProcessIdentity.matching(command -> worksWith(programs, command, ours));
        for (ProcessIdentity process : ending) {
            if (process.kill(Posix.SIGKILL)) {
                LOG.log(Level.INFO, "process " + process.pid() + " still used " + ours + " and was killed");
            }
        }
        for (ProcessIdentity process : ending) {
            awaitDeath(process, "uses " + ours);
        }
        for (Path entry : PrivateDirectory.list(home.runDirectory())) {
            PrivateDirectory.remove(entry);
        }
    }

    /** Removes directories and logs of instances without a record, and unfinished files of the others' disks. */
    static void removeUnknown(Home home, Set<String> known) throws IOException {
        for (Path directory : PrivateDirectory.list(home.instances())) {
            String id = directory.getFileName().toString();
            if (known.contains(id)) {
                DiskChain.in(directory).removeUnfinished();
            } else if (id.startsWith(Names.ID_PREFIX)) {
                LOG.log(Level.INFO, directory + " belongs to no instance; deleting it");
                PrivateDirectory.remove(directory);
            }
        }
        for (Path log : PrivateDirectory.list(home.logs())) {
            String name = log.getFileName().toString();
            boolean ofInstance = name.startsWith(Names.ID_PREFIX) && name.contains(".ndjson");
            if (ofInstance && !known.contains(name.substring(0, name.indexOf('.')))) {
                Files.delete(log);
            }
        }
    }

    private static boolean worksWith(Set<String> programs, List<String> command, String ours) {
        String program = command.isEmpty() ? "" : command.getFirst();
        String name = program.substring(program.lastIndexOf('/') + 1);
        return programs.stream().anyMatch(name::startsWith) && command.stream().anyMatch(part -> part.contains(ours));
    }

    /** Ends the VMs of the registry, deletes instances that do not outlive a daemon, and returns the others, all stopped. */
    static List<InstanceRecord> recover(List<InstanceRecord> records, Journal journal) {
        records.forEach(record -> record.vm().ifPresent(process -> process.kill(Posix.SIGKILL)));
        List<InstanceRecord> kept = new ArrayList<>();
        for (InstanceRecord record : records) {
            record.vm().ifPresent(process -> awaitDeath(process, "is the VM of " + record.id()));
            if (Transitions.endsWithDaemon(record.spec().life())) {
                // Its files have no record then, and are removed with all others that have none.
                journal.store().delete(record.id());
                journal.changed(record, "unknown", "deleted", KILLED);
            } else {
                kept.add(stopped(record, journal));
            }
        }
        return kept;
    }

    private static InstanceRecord stopped(InstanceRecord record, Journal journal) {
        if (record.stopReason().isPresent()) {
            return record;
        }
        InstanceRecord stopped = record.stopped(Instant.now().truncatedTo(ChronoUnit.MILLIS), KILLED);
        journal.store().update(stopped);
        journal.changed(record, "unknown", record.enabled() ? "stopped" : "disabled", KILLED);
        return stopped;
    }

    private static void awaitDeath(ProcessIdentity process, String what) {
        if (!process.awaitEnd(DEATH)) {
            LOG.log(Level.ERROR, "process " + process.pid() + " " + what + " and cannot be killed");
        }
    }
}
