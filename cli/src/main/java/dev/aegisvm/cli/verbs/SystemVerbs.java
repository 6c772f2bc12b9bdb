package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import org.jspecify.annotations.Nullable;

/** What AegisVM keeps on the disk. */
public final class SystemVerbs {
    static final String AGE = "--older-than";

    private SystemVerbs() {}

    public static Verb df() {
        Usage usage = Usage.of("show what AegisVM keeps on the disk, and what can be removed");
        return Asking.showing(usage, _ -> Routes.STORAGE.to(), (parts, _) -> table(parts));
    }

    private static String table(List<StorageView> parts) {
        TextTable table = new TextTable("PART", "COUNT", "SIZE", "RECLAIMABLE");
        for (StorageView part : parts) {
            table.row(
                    part.part(),
                    Integer.toString(part.count()),
                    Printable.bytes(part.bytes()),
                    Printable.bytes(Objects.requireNonNullElse(part.reclaimableBytes(), 0L)));
        }
        return table.text(false);
    }

    public static Verb prune() {
        Usage usage = Usage.of("remove unused images, templates, old guest files and old logs")
                .with(AGE + " DUR", "only what was unused for this long; also removes old logs")
                .offering("1d", "7d", "30d");
        return Asking.pruning(
                usage,
                "Remove unused data? `aegis system df` shows it as RECLAIMABLE.",
                arguments -> Routes.PRUNE_STORAGE.to().query("older_than", age(arguments)),
                (removed, _) -> text(removed));
    }

    private static String text(List<StorageView> removed) {
        List<String> lines = new ArrayList<>();
        for (StorageView part : removed) {
            lines.add(part.part() + ": " + part.count() + " removed, " + Printable.bytes(part.bytes()) + " freed");
        }
        long bytes = removed.stream().mapToLong(StorageView::bytes).sum();
        lines.add("in all: " + Printable.bytes(bytes) + " freed");
        return Asking.lines(lines);
    }

    /** What prunes are given as the least age. */
    static @Nullable String age(Arguments arguments) {
        return arguments.checked(AGE, text -> LooseDuration.read(text).isPresent(), AGE + " 7d (or 12h, 45m, 30s)");
    }
}
