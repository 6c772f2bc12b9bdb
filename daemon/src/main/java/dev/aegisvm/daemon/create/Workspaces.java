package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.instance.Mounts.*;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.VmSpec.Share;

/**
 * The directories of the host that guests may have, as their workspace or as a volume: the named ones, which are made
 * on first use and never deleted, and any that the daemon's user has, but for our own.
 */
public final class Workspaces {
    private static final int MAX_VOLUMES = 16;

    /** File systems (proc(5), filesystems(5)) whose files are the kernel itself, or devices. */
    private static final Set<String> NOT_FOR_FILES = Set.of("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2");

    private final Path named;
    private final List<Path> ours;

    public Workspaces(Path named, List<Path> ours) {
        this.named = named;
        this.ours = List.copyOf(ours);
    }

    /** What a client asks for, with symbolic links resolved; throws (400) when that cannot be a workspace. */
    public Workspace check(String text) {
        Workspace asked = parsed(text, Workspace::parse, "write a name such as 'notes', or an absolute path");
        return check("the workspace ", asked);
    }

    /** The volumes that a client asks for; throws also when there are too many, or two have one path. */
    List<Volume> checkVolumes(List<String> texts, Optional<Workspace> workspace) {
        if (texts.size() > MAX_VOLUMES) {
            throw refused(
                    "an instance has at most " + MAX_VOLUMES + " volumes", "mount a directory that contains them");
        }
        Set<String> places = new HashSet<>(workspace.isPresent() ? Set.of(Workspace.GUEST_PATH) : Set.of());
        List<Volume> volumes = new ArrayList<>();
        for (String text : texts) {
            Volume asked = parsed(text, Volume::parse, "write WHERE:GUEST, such as /srv/data:/data or notes:/notes:ro");
            if (!places.add(asked.guestPath())) {
                throw refused("two directories have the path " + asked.guestPath(), "give one of them another path");
            }
            if (asked.source().isCopy()) {
                throw refused("a volume cannot be a copy", "leave ':copy' out; only a workspace can be copied");
            }
            volumes.add(new Volume(check("the volume ", asked.source()), asked.guestPath()));
        }
        return volumes;
    }

    private static <T> T parsed(String text, Function<String, T> parser, String instead) {
        try {
            return parser.apply(text);
        } catch (InvalidPathException e) {
            throw refused("'" + text + "' is not a valid path: " + e.getReason(), instead);
        } catch (IllegalArgumentException e) {
            throw refused(String.valueOf(e.getMessage()), instead);
        }
    }

    private Workspace check(String kind, Workspace asked) {
        if (!asked.isPath()) {
            return asked;
        }
        String what = kind + asked.source();
        try {
            Path real = Path.of(asked.source()).toRealPath();
            if (!Files.isDirectory(real)) {
                throw refused(what + " is not a directory", "use the directory that contains the file");
            }
            for (Path own : ours) {
                refuseOverlap(what, real, own);
            }
            String type = Files.getFileStore(real).type();
            if (NOT_FOR_FILES.contains(type)) {
                throw refused(what + " is on a kernel file system (" + type + ")", "use another directory");
            }
            boolean open = Files.isReadable(real) && Files.isExecutable(real);
            boolean changed = asked.access() == Workspace.Access.SHARED;
            if (!open || (changed && !Files.isWritable(real))) {
                throw refused(
                        "the user who runs aegisd is not allowed to " + (open ? "write to " : "read ") + what,
                        open
                                ? "change its mode, or add ':ro' or ':copy' to it"
                                : "change its mode, or use another directory");
            }
            return new Workspace(real.toString(), asked.access());
        } catch (NoSuchFileException missing) {
            throw refused(what + " does not exist", "create it first: mkdir -p " + asked.source());
        } catch (IOException obstacle) {
            throw refused(what + " cannot be used: " + HostError.reason(obstacle), "use another directory");
        }
    }

    /** A guest that could write there would own the daemon: its registry, its disks, its templates. */
    private static void refuseOverlap(String what, Path real, Path own) throws IOException {
        Path place = Files.exists(own) ? own.toRealPath() : own;
        if (real.startsWith(place)) {
            throw refused(
                    what + " is AegisVM's own directory (" + own + ")",
                    "use another directory; for a named workspace, give its name only");
        }
        if (place.startsWith(real)) {
            throw refused(what + " contains AegisVM's own files (" + own + ")", "use another directory");
        }
    }

    private static ApiException refused(String why, String instead) {
        return ErrorCode.BAD_REQUEST.refusal(why, instead);
    }

    /**
     * The directory for the VM that starts now; throws when it is not there as it was when the instance was made: it
     * may have been moved, also by a guest that has a directory above it.
     */
    public Share share(Workspace workspace) throws IOException {
        if (!workspace.isPath()) {
            return new Share(
                    Files.createDirectories(named.resolve(workspace.source())).toRealPath(), workspace.readOnly());
        }
        Path directory = Path.of(workspace.source());
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("its directory " + directory + " is missing: restore it, or delete the instance");
        }
        if (!Files.isDirectory(directory) || !directory.toRealPath().equals(directory)) {
            throw new IOException("its directory " + directory + " was replaced by another directory");
        }
        return new Share(directory, workspace.readOnly());
    }
}
