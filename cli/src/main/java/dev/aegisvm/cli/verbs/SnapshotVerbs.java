package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;

/** Moments of instances that are kept, and what goes on from them. */
public final class SnapshotVerbs {
    private static final String DISK_ONLY = "--disk-only";
    private static final String KEEP_LAST = "--keep-last";
    private static final String UNFINISHED = "an unfinished snapshot is deleted";
    private static final Value SNAPSHOT = Value.of("<snapshot>");

    private SnapshotVerbs() {}

    public static Verb create() {
        return Verb.of("save the current state of an instance")
                .interrupted(UNFINISHED)
                .with(DISK_ONLY, "save only the disk, without memory and processes")
                .with("--note TEXT", "what it is for")
                .with("--with-secrets", "save the memory even if it contains secret values (unencrypted)")
                .choosing()
                .operand(Value.INSTANCE)
                .optionalOperand(Value.of("[snapshot]"))
                .does((arguments, session) -> {
                    if (arguments.has(Verb.FILTER) && !arguments.operands().isEmpty()) {
                        throw arguments.wrong("several snapshots cannot have one name: leave it out");
                    }
                    TakeSnapshot request = new TakeSnapshot(
                            arguments.second(),
                            arguments.flag(DISK_ONLY),
                            arguments.value("--note"),
                            arguments.flag("--with-secrets"));
                    return Asking.each(
                            Asking.chosen(arguments, 1, session),
                            session,
                            (_, name) -> Asking.show(
                                    Routes.CREATE_SNAPSHOT.with(request, name), session, taken -> taken.name() + "\n"));
                });
    }

    public static Verb list() {
        return Asking.listing(
                Verb.of("list snapshots, the oldest first"),
                _ -> Routes.LIST_SNAPSHOTS.to(),
                SnapshotView::name,
                table(),
                SnapshotVerbs::row);
    }

    private static TextTable table() {
        return new TextTable("NAME", "INSTANCE", "CREATED", "KIND", "SIZE", "NOTE");
    }

    private static TextTable row(SnapshotView each, TextTable table) {
        return table.row(
                each.name(),
                each.instance(),
                Printable.seconds(each.createdAt()),
                (each.memory() ? "memory" : "disk") + (each.withSecrets() ? ", secrets" : ""),
                Printable.bytes(each.sizeBytes()),
                Objects.requireNonNullElse(each.note(), ""));
    }

    public static Verb info() {
        return Asking.showing(
                Verb.of("show a snapshot, and how much has changed since").operand(SNAPSHOT),
                arguments -> Routes.GET_SNAPSHOT.to(arguments.operand()).flag("changes", true),
                snapshot -> row(snapshot, table()).text(false) + more(snapshot));
    }

    private static String more(SnapshotView snapshot) {
        List<String> more = new ArrayList<>();
        if (snapshot.parent() != null) {
            more.add("goes on from: " + snapshot.parent());
        }
        if (snapshot.changes() != null) {
            more.add(snapshot.changes() + " files changed since: aegis diff " + snapshot.instance() + " "
                    + snapshot.name());
        }
        return Asking.lines(more);
    }

    public static Verb delete() {
        return Asking.each(
                Verb.of("delete snapshots").operands(SNAPSHOT),
                "deleting",
                _ -> (daemon, name) -> daemon.call(Routes.DELETE_SNAPSHOT, name).status());
    }

    public static Verb prune() {
        return Asking.pruning(
                Verb.of("delete old snapshots")
                        .with(Asking.AGE + " DUR", "delete snapshots older than this: 30s, 45m, 12h, 7d")
                        .offering("1d", "7d", "30d")
                        .with(KEEP_LAST + " N", "keep the newest N of each instance"),
                "Delete the snapshots that these options select? `aegis snapshot list` shows all snapshots.",
                arguments -> {
                    String age = Asking.age(arguments);
                    Integer last = arguments.read(KEEP_LAST, InstanceOptions::number, KEEP_LAST + " 3");
                    if (age == null && last == null) {
                        throw arguments.wrong(
                                Asking.AGE + " or " + KEEP_LAST + " is missing: write " + Asking.AGE + " 7d");
                    }
                    return Routes.PRUNE_SNAPSHOTS.to().query("older_than", age).query("keep_last", last);
                },
                pruned -> pruned.ids().isEmpty()
                        ? "no snapshot is old enough to be deleted\n"
                        : Asking.lines(pruned.ids().stream()
                                .map(name -> name + ": deleted")
                                .toList()));
    }

    public static Verb export() {
        return Asking.showing(
                Verb.of("export a snapshot to a file")
                        .interrupted("the export goes on: the file is there when it is whole")
                        .operand(SNAPSHOT)
                        .operand(Value.FILE),
                arguments -> Routes.EXPORT_SNAPSHOT.with(
                        new SnapshotFile(
                                ImageSource.absolute(arguments.operands().get(1)), null, null),
                        arguments.operand()),
                exported -> exported.status() + "\n");
    }

    public static Verb load() {
        return Verb.of("import a snapshot from a file")
                .interrupted(UNFINISHED)
                .operand(Value.FILE)
                .optionalOperand(Value.of("[snapshot]"))
                .does((arguments, session) -> {
                    String file = ImageSource.absolute(arguments.operand());
                    SnapshotFile look = new SnapshotFile(file, arguments.second(), true);
                    String size = session.daemon()
                            .call(Routes.IMPORT_SNAPSHOT.with(look))
                            .notice();
                    session.console().say("aegis: " + Printable.of(file + ": " + size));
                    return Asking.show(
                            Routes.IMPORT_SNAPSHOT.with(new SnapshotFile(file, arguments.second(), null)),
                            session,
                            loaded -> loaded.snapshot().name() + "\n"
                                    + (loaded.notice() == null ? "" : "only its disk: " + loaded.notice() + "\n"));
                });
    }

    public static Verb rewind() {
        return Asking.showing(
                Verb.of("restore an instance from one of its snapshots")
                        .interrupted("a rewind that has begun goes on")
                        .with("--discard", "do not save its current state as a snapshot first")
                        .with(DISK_ONLY, "restore only the disk, and boot from it")
                        .operand(Value.INSTANCE)
                        .operand(SNAPSHOT),
                arguments -> Routes.REWIND.with(
                        new RewindRequest(
                                arguments.operands().get(1), arguments.flag("--discard"), arguments.flag(DISK_ONLY)),
                        arguments.operand()),
                rewound -> "rewound"
                        + (rewound.kept() == null ? "" : "; the previous state is saved as " + rewound.kept()) + "\n");
    }

    public static Verb fork() {
        return Asking.showing(
                Verb.of("start copies of an instance, or of a snapshot")
                        .interrupted("unfinished forks are deleted")
                        .with("--count -n N", "how many, 1 to 64")
                        .offering("2", "3", "4")
                        .with(
                                "--name NAME",
                                "its name; with --count they are NAME-1, NAME-2, …; that of the source by default")
                        .with(DISK_ONLY, "boot them with a copy of the disk")
                        .with("--workspace NEW", "replace the source's workspace with NEW (a name or a directory)")
                        .with("--share-workspace", "use the same directories of this host as the source")
                        .withQuiet()
                        .operand(Value.of("<name|snapshot>", Value.Kind.INSTANCE)),
                arguments -> Routes.FORK.with(
                        new ForkRequest(
                                arguments.read("--count", InstanceOptions::number, "--count 3"),
                                arguments.value("--name"),
                                arguments.flag(DISK_ONLY),
                                InstanceOptions.workspace(arguments),
                                arguments.flag("--share-workspace")),
                        arguments.operand()),
                forks -> Asking.lines(forks.stream().map(InstanceView::name).toList()));
    }
}
