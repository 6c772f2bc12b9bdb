package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.GuestFiles;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.workspace.CopiedTree;

/** Snapshots, and the instances that go on from them. */
final class SnapshotsHandler {
    private static final int MOST_KEPT = 1_000_000;

    private final Services services;
    private final Diffs diffs;

    SnapshotsHandler(Services services) {
        this.services = services;
        this.diffs = new Diffs(services.instances(), services.snapshots(), services.views(), services.processes());
    }

    void addTo(RouteTable routes) {
        Snapshots snapshots = services.snapshots();
        Rewinds rewinds = new Rewinds(services.instances(), snapshots);
        Forks forks = new Forks(
                services.instances(), snapshots, name -> services.workspaces().check(name));
        routes.answer(Routes.LIST_SNAPSHOTS, _ -> snapshots.list());
        routes.answer(Routes.GET_SNAPSHOT, FilesHandler::refusal, this::get);
        routes.act(Routes.DELETE_SNAPSHOT, "deleted", exchange -> snapshots.delete(exchange.name(0)));
        routes.answer(Routes.PRUNE_SNAPSHOTS, this::prune);
        routes.answer(Routes.DIFF, FilesHandler::refusal, this::diff);
        routes.answer(Routes.DIFF_WORKSPACE, FilesHandler::refusal, this::diffWorkspace);
        routes.answer(Routes.CREATE_SNAPSHOT, Saving::refusal, this::create);
        routes.answer(Routes.EXPORT_SNAPSHOT, Saving::refusal, this::export);
        routes.answer(Routes.IMPORT_SNAPSHOT, Saving::refusal, this::take);
        routes.answer(
                Routes.REWIND,
                Saving::refusal,
                exchange -> rewinds.rewind(exchange.ref(), exchange.body(Routes.REWIND)));
        routes.answer(
                Routes.FORK,
                Saving::refusal,
                exchange -> forks.fork(
                        exchange.ref().value(), exchange.optionalBody(Routes.FORK), exchange::whenUnanswered));
    }

    private SnapshotView create(Exchange exchange) throws IOException {
        SnapshotView taken = services.snapshots().create(exchange.ref(), exchange.optionalBody(Routes.CREATE_SNAPSHOT));
        exchange.orUndo(() -> services.snapshots().delete(taken.name()));
        return taken;
    }

    private SnapshotView get(Exchange exchange) throws IOException {
        String name = exchange.name(0);
        return exchange.flag("changes")
                ? diffs.since(name)
                : services.snapshots().get(name);
    }

    private ActionView export(Exchange exchange) throws IOException {
        return services.snapshotFiles().export(exchange.name(0), path(exchange.body(Routes.EXPORT_SNAPSHOT)));
    }

    private ImportedSnapshot take(Exchange exchange) throws IOException {
        SnapshotFile request = exchange.body(Routes.IMPORT_SNAPSHOT);
        boolean look = Boolean.TRUE.equals(request.look());
        ImportedSnapshot taken =
                services.snapshotFiles().take(path(request), Optional.ofNullable(request.name()), look);
        if (!look) {
            exchange.orUndo(() -> services.snapshots().delete(taken.snapshot().name()));
        }
        return taken;
    }

    private WorkspaceDiff diff(Exchange exchange) throws IOException {
        GuestPath below = new GuestPath(exchange.query("path").orElse("/"));
        return diffs.diff(exchange.ref(), exchange.query("from"), exchange.query("to"), below, exchange.flag("texts"));
    }

    private WorkspaceDiff diffWorkspace(Exchange exchange) throws IOException {
        Processes.Target target = exchange.hold(services.processes().forFiles(exchange.ref()));
        CopiedTree copied = services.snapshots().workspace(target.spec().id());
        if (!copied.isThere()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + exchange.ref() + "' has no copied workspace",
                    "create it with --workspace DIRECTORY:copy, or see what changed on its disk: aegis diff "
                            + exchange.ref());
        }
        GuestFiles guest = target.vm().guest().files(Optional.empty());
        return copied.changes(guest, new GuestPath(Workspace.GUEST_PATH));
    }

    private static Path path(SnapshotFile request) {
        return ImagesHandler.absolute(ImagesHandler.needed("path", request.path()));
    }

    private PruneView prune(Exchange exchange) {
        Optional<Duration> age = exchange.age();
        Optional<Long> last = exchange.number("keep_last", 10, MOST_KEPT, "the number of snapshots to keep");
        if (age.isEmpty() && last.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal("older_than or keep_last is required, for example older_than=7d");
        }
        List<String> names =
                services.snapshots().prune(age, last.map(Long::intValue).orElse(0));
        return new PruneView(names.size(), names);
    }
}
