package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** What AegisVM keeps on the disk. */
public final class SystemVerbs {
    static final String AGE = "--older-than";

    private SystemVerbs() {}

    public static Verb df() {
        Usage usage = Usage.of("show what AegisVM keeps on the disk, and what of it can go");
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
        Usage usage = Usage.of("remove what is not used: images, templates, old guests, old logs")
                .with(AGE + " DUR | only what was not used for so long; and old logs too | 1d 7d 30d")
                .with("--force -f", "do not ask");
        return new Verb(usage, SystemVerbs::prune);
    }

    private static int prune(Arguments arguments, Session session) throws IOException {
        String age = age(arguments);
        if (!arguments.has("--force") && !agrees(age, arguments, session.console())) {
            session.console().say("aegis: nothing was removed");
            return Verb.FAILED;
        }
        Console console = session.console();
        try (DaemonClient daemon = session.daemon()) {
            byte[] json;
            try (StatusLine _ = StatusLine.waiting(console, "pruning")) {
                json = daemon.json(Routes.PRUNE_STORAGE.to().query("older_than", age));
            }
            if (session.json()) {
                console.line(json);
                return 0;
            }
            List<StorageView> removed = ApiJson.read(Routes.PRUNE_STORAGE.answer(), json);
            long bytes = removed.stream().mapToLong(StorageView::bytes).sum();
            for (StorageView part : removed) {
                String freed = part.count() + " removed, " + Printable.bytes(part.bytes()) + " freed";
                console.line(Printable.of(part.part() + ": " + freed));
            }
            console.line("in all: " + Printable.bytes(bytes) + " freed");
            return 0;
        }
    }

    /** What prunes are given as the least age. */
    static @Nullable String age(Arguments arguments) {
        return arguments.checked(AGE, text -> LooseDuration.read(text).isPresent(), AGE + " 7d (or 12h, 45m, 30s)");
    }

    private static boolean agrees(@Nullable String age, Arguments arguments, Console console) throws IOException {
        String what = age == null ? "" : " and was not for " + age;
        return console.agrees("Remove what is not used" + what + "? `aegis system df` shows it. [y/N] ")
                .orElseThrow(() -> arguments.wrong("there is no terminal to ask on: add --force"));
    }
}
