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
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.daemon.snapshot.*;
import dev.aegisvm.daemon.workspace.CopiedTree;

/** Snapshots, and the instances that go on from them. */
record SnapshotsHandler(Services services) {
    private static final int MOST_KEPT = 1_000_000;

    /** What may fail on the host's disk, or in a guest. */
    private interface Work<A> {
        A of(Exchange exchange) throws IOException;
    }

    private static <A> Function<Exchange, A> or(Function<IOException, ApiException> refusal, Work<A> work) {
        return exchange -> {
            try {
                return work.of(exchange);
            } catch (IOException obstacle) {
                throw refusal.apply(obstacle);
            }
        };
    }

    void addTo(RouteTable routes) {
        Snapshots snapshots = services.snapshots();
        SnapshotFiles files = services.snapshotFiles();
        routes.answer(Routes.LIST_SNAPSHOTS, _ -> snapshots.list());
        routes.answer(
                Routes.GET_SNAPSHOT,
                or(
                        FilesHandler::refusal,
                        exchange -> exchange.flag("changes")
                                ? diffs(exchange).since(exchange.name(0))
                                : snapshots.get(exchange.name(0))));
        routes.answer(Routes.DELETE_SNAPSHOT, exchange -> {
            snapshots.delete(exchange.name(0));
            return new ActionView("deleted");
        });
        routes.answer(Routes.PRUNE_SNAPSHOTS, this::prune);
        routes.answer(Routes.DIFF, or(FilesHandler::refusal, this::diff));
        routes.answer(Routes.DIFF_WORKSPACE, or(FilesHandler::refusal, this::diffWorkspace));
        routes.answer(Routes.CREATE_SNAPSHOT, or(Saving::refusal, this::create));
        routes.answer(
                Routes.EXPORT_SNAPSHOT,
                or(
                        Saving::refusal,
                        exchange -> files.export(exchange.name(0), path(exchange.body(Routes.EXPORT_SNAPSHOT)))));
        routes.answer(Routes.IMPORT_SNAPSHOT, or(Saving::refusal, exchange -> {
            SnapshotFile request = exchange.body(Routes.IMPORT_SNAPSHOT);
            return files.take(path(request), Optional.ofNullable(request.name()), Boolean.TRUE.equals(request.look()));
        }));
        routes.answer(
                Routes.REWIND,
                or(
                        Saving::refusal,
                        exchange -> new Rewinds(services.instances(), snapshots)
                                .rewind(exchange.ref(), exchange.body(Routes.REWIND))));
        routes.answer(Routes.FORK, or(Saving::refusal, this::fork));
    }

    private SnapshotView create(Exchange exchange) throws IOException {
        TakeSnapshot usual = new TakeSnapshot(null, null, null, null);
        return services.snapshots()
                .create(
                        exchange.ref(),
                        exchange.optionalBody(Routes.CREATE_SNAPSHOT).orElse(usual));
    }

    private List<InstanceView> fork(Exchange exchange) throws IOException {
        ForkRequest usual = new ForkRequest(null, null, null, null, null);
        return new Forks(services.instances(), services.snapshots(), services.workspaces()::check)
                .fork(exchange.ref().value(), exchange.optionalBody(Routes.FORK).orElse(usual));
    }

    private Processes.Target hold(Exchange exchange, InstanceRef ref) {
        return exchange.hold(services.processes().forFiles(ref));
    }

    private Diffs diffs(Exchange exchange) {
        Function<InstanceRef, GuestFiles> live =
                ref -> hold(exchange, ref).vm().guest().files(Optional.empty());
        return new Diffs(services.instances(), services.snapshots(), services.views(), live);
    }

    private WorkspaceDiff diff(Exchange exchange) throws IOException {
        GuestPath below = new GuestPath(exchange.query("path").orElse("/"));
        return diffs(exchange)
                .diff(exchange.ref(), exchange.query("from"), exchange.query("to"), below, exchange.flag("texts"));
    }

    private WorkspaceDiff diffWorkspace(Exchange exchange) throws IOException {
        Processes.Target target = hold(exchange, exchange.ref());
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
        Optional<Duration> age = exchange.query("older_than").map(text -> LooseDuration.parse("older_than", text));
        Optional<Long> last = exchange.number("keep_last", 10, MOST_KEPT, "the number of snapshots to keep");
        if (age.isEmpty() && last.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal("older_than or keep_last is required, for example older_than=7d");
        }
        List<String> names =
                services.snapshots().prune(age, last.map(Long::intValue).orElse(0));
        return new PruneView(names.size(), names);
    }
}
