package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.Actions.PruneView;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.GuestFiles;
import dev.aegisvm.daemon.instance.InstanceSpec.Workspace;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.workspace.CopiedTree;
import dev.aegisvm.daemon.workspace.WorkspaceChanges;

/** Snapshots, and the instances that go on from them. */
record SnapshotsHandler(Services services) {
    private static final int MOST_KEPT = 1_000_000;

    void addTo(RouteTable routes) {
        Snapshots snapshots = services.snapshots();
        routes.answer(
                Routes.CREATE_SNAPSHOT,
                exchange -> snapshots.create(
                        exchange.ref(),
                        exchange.optionalBody(Routes.CREATE_SNAPSHOT)
                                .orElse(new TakeSnapshot(null, null, null, null))));
        routes.answer(Routes.LIST_SNAPSHOTS, _ -> snapshots.list());
        routes.answer(Routes.GET_SNAPSHOT, exchange -> snapshots.get(exchange.name(0)));
        routes.answer(Routes.DELETE_SNAPSHOT, exchange -> {
            snapshots.delete(exchange.name(0));
            return new ActionView("deleted");
        });
        routes.answer(Routes.DIFF, this::diff);
        routes.answer(Routes.DIFF_WORKSPACE, this::diffWorkspace);
        routes.answer(Routes.PRUNE_SNAPSHOTS, this::prune);
        routes.answer(
                Routes.EXPORT_SNAPSHOT,
                exchange -> services.snapshotFiles()
                        .export(exchange.name(0), path(exchange.body(Routes.EXPORT_SNAPSHOT))));
        routes.answer(Routes.IMPORT_SNAPSHOT, exchange -> {
            SnapshotFile request = exchange.body(Routes.IMPORT_SNAPSHOT);
            return services.snapshotFiles().take(path(request), Optional.ofNullable(request.name()));
        });
        routes.answer(
                Routes.REWIND,
                exchange -> new Rewinds(services.instances(), snapshots)
                        .rewind(exchange.ref(), exchange.body(Routes.REWIND)));
        routes.answer(
                Routes.FORK,
                exchange -> new Forks(services.instances(), snapshots, services.workspaces()::check)
                        .fork(
                                exchange.ref().value(),
                                exchange.optionalBody(Routes.FORK)
                                        .orElse(new ForkRequest(null, null, null, null, null))));
    }

    private Processes.Target hold(Exchange exchange, InstanceRef ref) {
        return exchange.hold(services.processes().forFiles(ref));
    }

    private WorkspaceDiff diff(Exchange exchange) {
        Function<InstanceRef, GuestFiles> live =
                ref -> hold(exchange, ref).vm().guest().files(Optional.empty());
        Diffs diffs = new Diffs(services.instances(), services.snapshots(), services.views(), live);
        try {
            return diffs.diff(exchange.ref(), exchange.query("from"), exchange.query("to"), exchange.flag("texts"));
        } catch (IOException obstacle) {
            throw FilesHandler.refusal(obstacle);
        }
    }

    private WorkspaceDiff diffWorkspace(Exchange exchange) {
        Processes.Target target = hold(exchange, exchange.ref());
        CopiedTree copied = services.snapshots().workspace(target.spec().id());
        if (!copied.isThere()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + exchange.ref() + "' has no copy of a workspace", "create it with --workspace DIRECTORY:copy");
        }
        try {
            GuestFiles guest = target.vm().guest().files(Optional.empty());
            return WorkspaceChanges.of(copied, guest, new GuestPath(Workspace.GUEST_PATH));
        } catch (IOException obstacle) {
            throw FilesHandler.refusal(obstacle);
        }
    }

    private static Path path(SnapshotFile request) {
        return ImagesHandler.absolute(ImagesHandler.needed("path", request.path()));
    }

    private PruneView prune(Exchange exchange) {
        Optional<Duration> age = exchange.query("older_than").map(text -> LooseDuration.parse("older_than", text));
        Optional<Long> last = exchange.number("keep_last", 10, MOST_KEPT, "how many of each instance stay");
        if (age.isEmpty() && last.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal("older_than or keep_last is needed, for example older_than=7d");
        }
        List<String> names = services.snapshots().prune(age, last.map(Long::intValue).orElse(0));
        return new PruneView(names.size(), names);
    }
}
