package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.WorkspaceViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;

/** The verbs about files of guests: {@code cp}, to and from this host, and {@code diff}. */
public final class FileVerbs {
    static final String NO_FOLLOW = "--no-follow";
    private static final String WORKSPACE = "--workspace";
    private static final String PATCH = "--patch";
    /** What a guest has can fill the disk that a patch is made on. */
    private static final long MOST_BYTES = 512L << 20;

    private FileVerbs() {}

    public static Verb copy() {
        return Verb.of("copy files and directories to or from an instance")
                .interrupted("files that were copied whole stay, and no others")
                .with(
                        "--user USER",
                        "the user of the guest that reads or writes: NAME, UID, NAME:GROUP or UID:GID; root by default")
                .with(NO_FOLLOW, "a path of this host that is a symlink is not followed")
                .operand(Value.of("<from>", Value.Kind.PLACE))
                .operand(Value.of("<to>", Value.Kind.PLACE))
                .does(FileVerbs::copy);
    }

    private static int copy(Arguments arguments, Session session) throws IOException {
        CopyPlace from = CopyPlace.parse(arguments, arguments.operands().getFirst());
        CopyPlace to = CopyPlace.parse(arguments, arguments.operands().get(1));
        boolean upload = to instanceof CopyPlace.Guest;
        if (upload && from instanceof CopyPlace.Guest) {
            throw arguments.wrong("cannot copy between two guests; use a pipe: aegis cp A:/x - | aegis cp - B:/y");
        }
        if (!((upload ? to : from) instanceof CopyPlace.Guest guest)) {
            throw arguments.wrong("one end has to be a path of an instance: NAME:/path");
        }
        if (to instanceof CopyPlace.Stream && session.console().outIsTerminal()) {
            throw arguments.wrong("stdout is a terminal: write the tar stream to a file or a pipe");
        }
        InstanceFiles files = new InstanceFiles(session.daemon(), guest.instance(), arguments.value("--user"));
        if (upload) {
            in(from, guest, files, session.console());
        } else {
            out(guest, to, files, session.console());
        }
        return 0;
    }

    private static void in(CopyPlace from, CopyPlace.Guest to, InstanceFiles files, Console console)
            throws IOException {
        CopyPlace.Guest.Target target = from instanceof CopyPlace.Host host
                ? to.target(host, files)
                : new CopyPlace.Guest.Target(to.path(), ".");
        Draft.Content tar = from instanceof CopyPlace.Host host
                ? out -> new HostPacker(out).pack(host.path(), host.followed(), target.name())
                : console.in()::transferTo;
        AtomicLong sent = new AtomicLong();
        try (StatusLine _ = progress(sent, console)) {
            files.writeTar(target.directory().value(), tar, sent);
        }
    }

    private static void out(CopyPlace.Guest from, CopyPlace to, InstanceFiles files, Console console)
            throws IOException {
        AtomicLong got = new AtomicLong();
        try (InputStream tar = ReadThrough.counting(files.readTar(from.path().value()), got::addAndGet);
                StatusLine _ = progress(got, console)) {
            if (to instanceof CopyPlace.Host host) {
                try (HostUnpacker unpacker = host.unpacker(from.path().name())) {
                    Ending.onSignal(unpacker::stop);
                    unpacker.unpack(tar);
                }
                return;
            }
            tar.transferTo(Channels.newOutputStream(console.out()));
        }
    }

    /** Tells a person at a terminal how many bytes were copied, and how fast. */
    private static StatusLine progress(AtomicLong bytes, Console console) {
        long begin = System.nanoTime();
        return StatusLine.on(console).repeat(() -> Printable.progress(bytes.get(), 0, begin), Duration.ofMillis(500));
    }

    public static Verb diff() {
        return Verb.of("show what an instance changed")
                .with(WORKSPACE, "in the workspace that was copied into it (--workspace DIR:copy)")
                .with(PATCH + " -p", "as a patch for git apply")
                .operand(Value.of("<name|snapshot>", Value.Kind.INSTANCE))
                .optionalOperand(Value.of("[snapshot|snapshot..snapshot]"))
                .does(FileVerbs::diff);
    }

    private static int diff(Arguments arguments, Session session) throws IOException {
        String name = arguments.operands().getFirst();
        boolean workspace = arguments.has(WORKSPACE);
        if (workspace && arguments.operands().size() > 1) {
            throw arguments.wrong(WORKSPACE + " is compared with what was copied, and with no snapshot");
        }
        boolean patch = arguments.has(PATCH);
        DaemonClient daemon = session.daemon();
        WorkspaceDiff diff;
        try (StatusLine _ = StatusLine.waiting(session.console(), "comparing")) {
            diff = workspace
                    ? daemon.call(Routes.DIFF_WORKSPACE, name)
                    : daemon.call(disk(name, arguments.operands()).flag("texts", patch));
        }
        if (patch) {
            patch(diff, workspace ? new InstanceFiles(daemon, name, null) : null, session);
        } else if (arguments.has("--json")) {
            session.console().line(ApiJson.text(diff));
        } else {
            for (WorkspaceChange change : diff.changes()) {
                session.console().line(text(change));
            }
        }
        return 0;
    }

    /** Against the image, since a snapshot, or between two. */
    private static RouteCall<WorkspaceDiff> disk(String name, List<String> operands) {
        RouteCall<WorkspaceDiff> call = Routes.DIFF.to(name);
        if (operands.size() == 1) {
            return call;
        }
        String[] snapshots = operands.get(1).split("\\.\\.", 2);
        return call.query("from", snapshots[0]).query("to", snapshots.length > 1 ? snapshots[1] : null);
    }

    /** As {@code A src/new.py  120 bytes  executable}. */
    private static String text(WorkspaceChange change) {
        String letter = change.change().equals(WorkspaceChange.CHANGED)
                ? "M"
                : change.change().substring(0, 1).toUpperCase(Locale.ROOT);
        String size = change.flags().contains(WorkspaceChange.DIRECTORY) ? "" : "  " + change.size() + " bytes";
        String target = change.target() == null ? size : " -> " + change.target();
        String flags = change.flags().isEmpty()
                ? ""
                : "  " + String.join(", ", change.flags()).replace('_', ' ');
        return Printable.of(letter + " " + change.path() + target + flags);
    }

    /** @param files of the instance; null where the daemon has sent the texts */
    private static void patch(WorkspaceDiff diff, @Nullable InstanceFiles files, Session session) throws IOException {
        try (WorkspacePatch patch = new WorkspacePatch()) {
            Set<WorkspaceChange> left = patch.add(diff, files, MOST_BYTES);
            for (WorkspaceChange change : diff.changes()) {
                if (left.contains(change) || !change.flags().isEmpty()) {
                    session.note((left.contains(change) ? "left out: " : "look at: ") + text(change));
                }
            }
            patch.write(Channels.newOutputStream(session.console().out()));
        }
    }
}
