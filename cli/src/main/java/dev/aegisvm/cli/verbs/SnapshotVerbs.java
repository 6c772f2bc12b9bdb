package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.PruneView;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import org.jspecify.annotations.Nullable;

/** Moments of instances that are kept, and what goes on from them. */
public final class SnapshotVerbs {
    private static final String DISK_ONLY = "--disk-only";
    private static final String KEEP_LAST = "--keep-last";
    private static final Value SNAPSHOT = Value.of("<snapshot>");

    private SnapshotVerbs() {}

    public static Verb create() {
        Usage usage = Usage.of("keep an instance as it is now")
                .with(DISK_ONLY, "its disk alone, and not what runs")
                .with("--note", Value.of("TEXT"), "what it is for")
                .with("--with-secrets", "though values of secrets are in its memory")
                .withQuiet()
                .operand(Value.INSTANCE)
                .optionalOperand(Value.of("[snapshot]"))
                .details("""
                        An instance that runs or is paused is kept with its memory, and goes on after a moment; one that is
                        stopped, with its disk. `aegis fork` starts others from there.""")
                .example("aegis snapshot create box ready --note 'after apt install'");
        return Asking.showing(
                usage,
                (arguments, _) -> Routes.CREATE_SNAPSHOT.with(
                        request(arguments), arguments.operands().getFirst()),
                taken -> List.of(taken.name()),
                (taken, _) -> taken.name() + "\n");
    }

    private static TakeSnapshot request(Arguments arguments) {
        List<String> operands = arguments.operands();
        return new TakeSnapshot(
                operands.size() == 2 ? operands.get(1) : null,
                flag(DISK_ONLY, arguments),
                arguments.value("--note"),
                flag("--with-secrets", arguments));
    }

    private static @Nullable Boolean flag(String option, Arguments arguments) {
        return arguments.has(option) ? Boolean.TRUE : null;
    }

    public static Verb list() {
        return Asking.listing(
                Usage.of("list snapshots, the oldest first").example("aegis snapshot list"),
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
                    each.createdAt().toString(),
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
        Usage usage = Usage.of("show a snapshot").operand(SNAPSHOT).example("aegis snapshot info ready");
        return Asking.showing(
                usage,
                arguments -> Routes.GET_SNAPSHOT.to(arguments.operand()),
                (snapshot, colours) -> table(List.of(snapshot), colours));
    }

    public static Verb delete() {
        Usage usage = Usage.of("delete snapshots")
                .operands(SNAPSHOT)
                .details("Instances that went on from them are not concerned.")
                .example("aegis snapshot delete ready");
        return Asking.each(
                usage,
                "deleting",
                (daemon, name) -> daemon.call(Routes.DELETE_SNAPSHOT, name).status());
    }

    public static Verb prune() {
        Usage usage = Usage.of("delete old snapshots")
                .with(SystemVerbs.AGE, Value.of("DUR", "1d", "7d", "30d"), "those that are older: 30s, 45m, 12h, 7d")
                .with(KEEP_LAST, Value.of("N", "1", "3", "10"), "but the newest N of each instance")
                .withQuiet()
                .details("One of the two is needed.")
                .example("aegis snapshot prune --older-than 7d --keep-last 3");
        return Asking.showing(
                usage,
                (arguments, _) -> {
                    String age = SystemVerbs.age(arguments);
                    Integer last = arguments.read(KEEP_LAST, InstanceOptions::number, KEEP_LAST + " 3");
                    if (age == null && last == null) {
                        throw arguments.wrong(SystemVerbs.AGE + " or " + KEEP_LAST + " is missing: write "
                                + SystemVerbs.AGE + " 7d");
                    }
                    return Routes.PRUNE_SNAPSHOTS.to().query("older_than", age).query("keep_last", last);
                },
                PruneView::ids,
                (pruned, _) -> lines(pruned.ids(), ": deleted\n"));
    }

    private static String lines(List<String> names, String end) {
        return names.stream().map(name -> name + end).collect(Collectors.joining());
    }

    public static Verb rewind() {
        Usage usage = Usage.of("let an instance go back to a snapshot of it")
                .with("--discard", "do not keep its present state as a snapshot first")
                .with(DISK_ONLY, "boot it with the disk of then")
                .operand(Value.INSTANCE)
                .operand(SNAPSHOT)
                .details("""
                        Ends what runs, and goes on with the processes, the files and the memory of then. Prints the name of
                        the snapshot that keeps what it was before.""")
                .example("aegis rewind box ready");
        return Asking.showing(
                usage,
                arguments -> Routes.REWIND.with(
                        new RewindRequest(
                                arguments.operands().get(1),
                                flag("--discard", arguments),
                                flag(DISK_ONLY, arguments)),
                        arguments.operands().getFirst()),
                (rewound, _) -> rewound.kept() == null ? "rewound\n" : "rewound, before it: " + rewound.kept() + "\n");
    }

    public static Verb fork() {
        Usage usage = Usage.of("start instances that go on from a snapshot, or from another instance")
                .with("--count -n", Value.of("N", "2", "3", "4"), "how many, 1 to 64")
                .with("--name", Value.of("PREFIX"), "they are called PREFIX-1, …; that of the source by default")
                .with(DISK_ONLY, "boot them with a copy of the disk")
                .withQuiet()
                .operand(Value.of("<name|snapshot>", Value.Kind.INSTANCE))
                .details("""
                        Each goes on with the processes, the files and the memory of that moment, and has its own name, ports,
                        log and random numbers. Connections and what `aegis exec` ran are ended in it. The source goes on.""")
                .example("aegis fork box --count 3 --name try");
        return Asking.showing(
                usage,
                (arguments, _) -> Routes.FORK.with(
                        new ForkRequest(
                                arguments.read("--count", InstanceOptions::number, "--count 3"),
                                arguments.value("--name"),
                                flag(DISK_ONLY, arguments)),
                        arguments.operand()),
                SnapshotVerbs::names,
                (forks, _) -> lines(names(forks), "\n"));
    }

    private static List<String> names(List<InstanceView> instances) {
        return instances.stream().map(InstanceView::name).toList();
    }
}
