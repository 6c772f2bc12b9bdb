package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import dev.aegisvm.client.DaemonClient;

/** Moments of instances that are kept, and what goes on from them. */
public final class SnapshotVerbs {
    private static final String DISK_ONLY = "--disk-only";
    private static final String KEEP_LAST = "--keep-last";
    private static final Value SNAPSHOT = Value.of("<snapshot>");

    private SnapshotVerbs() {}

    public static Verb create() {
        Usage usage = Usage.of("keep an instance as it is now")
                .with(DISK_ONLY, "its disk alone, and not what runs")
                .with("--note TEXT", "what it is for")
                .with("--with-secrets", "though values of secrets are in its memory")
                .choosing()
                .operand(Value.INSTANCE)
                .optionalOperand(Value.of("[snapshot]"));
        return new Verb(usage, (arguments, session) -> {
            if (arguments.has(Usage.FILTER) && !arguments.operands().isEmpty()) {
                throw arguments.wrong("several snapshots cannot have one name: leave it out");
            }
            TakeSnapshot request = new TakeSnapshot(
                    arguments.second(),
                    arguments.flag(DISK_ONLY),
                    arguments.value("--note"),
                    arguments.flag("--with-secrets"));
            return Asking.each(
                    InstanceFilter.chosen(arguments, 1, session),
                    session,
                    (_, name) -> Asking.show(
                            Routes.CREATE_SNAPSHOT.with(request, name), session, (taken, _) -> taken.name() + "\n"));
        });
    }

    public static Verb list() {
        return Asking.listing(
                Usage.of("list snapshots, the oldest first"),
                _ -> Routes.LIST_SNAPSHOTS.to(),
                SnapshotView::name,
                SnapshotVerbs::table);
    }

    private static String table(List<SnapshotView> snapshots, boolean colours) {
        TextTable table = new TextTable("NAME", "INSTANCE", "CREATED", "KIND", "SIZE", "NOTE");
        for (SnapshotView each : snapshots) {
            table.row(
                    each.name(),
                    each.instance(),
                    Printable.seconds(each.createdAt()),
                    kind(each),
                    Printable.bytes(each.sizeBytes()),
                    Objects.requireNonNullElse(each.note(), ""));
        }
        return table.text(colours);
    }

    private static String kind(SnapshotView snapshot) {
        return (snapshot.memory() ? "memory" : "disk") + (snapshot.withSecrets() ? ", secrets" : "");
    }

    public static Verb info() {
        Usage usage =
                Usage.of("show a snapshot, and how much has changed since").operand(SNAPSHOT);
        return Asking.showing(
                usage,
                arguments -> Routes.GET_SNAPSHOT.to(arguments.operand()).flag("changes", true),
                (snapshot, colours) -> table(List.of(snapshot), colours) + more(snapshot));
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
        Usage usage = Usage.of("delete snapshots").operands(SNAPSHOT);
        return Asking.each(
                usage,
                "deleting",
                (daemon, name) -> daemon.call(Routes.DELETE_SNAPSHOT, name).status());
    }

    public static Verb prune() {
        Usage usage = Usage.of("delete old snapshots")
                .with(SystemVerbs.AGE + " DUR", "those that are older: 30s, 45m, 12h, 7d")
                .offering("1d", "7d", "30d")
                .with(KEEP_LAST + " N", "but the newest N of each instance");
        return Asking.pruning(
                usage,
                "Delete the snapshots that are older? `aegis snapshot list` shows them.",
                arguments -> {
                    String age = SystemVerbs.age(arguments);
                    Integer last = arguments.read(KEEP_LAST, InstanceOptions::number, KEEP_LAST + " 3");
                    if (age == null && last == null) {
                        throw arguments.wrong(
                                SystemVerbs.AGE + " or " + KEEP_LAST + " is missing: write " + SystemVerbs.AGE + " 7d");
                    }
                    return Routes.PRUNE_SNAPSHOTS.to().query("older_than", age).query("keep_last", last);
                },
                (pruned, _) -> pruned.ids().isEmpty()
                        ? "no snapshot is old enough to be deleted\n"
                        : Asking.lines(pruned.ids().stream()
                                .map(name -> name + ": deleted")
                                .toList()));
    }

    public static Verb export() {
        Usage usage = Usage.of("write a snapshot to a file").operand(SNAPSHOT).operand(Value.FILE);
        return Asking.showing(
                usage,
                arguments -> Routes.EXPORT_SNAPSHOT.with(
                        new SnapshotFile(file(arguments.operands().get(1)), null, null), arguments.operand()),
                (exported, _) -> exported.status() + "\n");
    }

    public static Verb load() {
        Usage usage =
                Usage.of("take in a snapshot from a file").operand(Value.FILE).optionalOperand(Value.of("[snapshot]"));
        return new Verb(usage, (arguments, session) -> {
            String file = file(arguments.operand());
            SnapshotFile look = new SnapshotFile(file, arguments.second(), true);
            try (DaemonClient daemon = session.daemon()) {
                String size = daemon.call(Routes.IMPORT_SNAPSHOT.with(look)).notice();
                session.console().say("aegis: " + Printable.of(file + ": " + size));
            }
            Asking.show(
                    Routes.IMPORT_SNAPSHOT.with(new SnapshotFile(file, arguments.second(), null)),
                    session,
                    (loaded, _) -> loaded.snapshot().name() + "\n"
                            + (loaded.notice() == null ? "" : "its disk alone: " + loaded.notice() + "\n"));
            return 0;
        });
    }

    private static String file(String operand) {
        return ImageSource.absolute(operand).toString();
    }

    public static Verb rewind() {
        Usage usage = Usage.of("let an instance go back to a snapshot of it")
                .with("--discard", "do not keep its present state as a snapshot first")
                .with(DISK_ONLY, "boot it with the disk of then")
                .operand(Value.INSTANCE)
                .operand(SNAPSHOT);
        return Asking.showing(
                usage,
                arguments -> Routes.REWIND.with(
                        new RewindRequest(
                                arguments.operands().get(1), arguments.flag("--discard"), arguments.flag(DISK_ONLY)),
                        arguments.operand()),
                (rewound, _) -> rewound.kept() == null ? "rewound\n" : "rewound, before it: " + rewound.kept() + "\n");
    }

    public static Verb fork() {
        Usage usage = Usage.of("start instances that go on from a snapshot, or from another instance")
                .with("--count -n N", "how many, 1 to 64")
                .offering("2", "3", "4")
                .with("--name NAME", "its name; with --count they are NAME-1, NAME-2, …; that of the source by default")
                .with(DISK_ONLY, "boot them with a copy of the disk")
                .with("--workspace NEW", "in the place of a workspace of this host's: a name, or a directory")
                .with("--share-workspace", "with the same directories of this host")
                .operand(Value.of("<name|snapshot>", Value.Kind.INSTANCE));
        return Asking.listing(
                usage,
                arguments -> Routes.FORK.with(
                        new ForkRequest(
                                arguments.read("--count", InstanceOptions::number, "--count 3"),
                                arguments.value("--name"),
                                arguments.flag(DISK_ONLY),
                                InstanceOptions.workspace(arguments),
                                arguments.flag("--share-workspace")),
                        arguments.operand()),
                InstanceView::name,
                (forks, _) ->
                        Asking.lines(forks.stream().map(InstanceView::name).toList()));
    }
}
