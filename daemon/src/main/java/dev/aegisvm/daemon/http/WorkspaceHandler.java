package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.GuestFiles;
import dev.aegisvm.daemon.instance.InstanceSpec.Workspace;
import dev.aegisvm.daemon.snapshot.Snapshots;
import dev.aegisvm.daemon.workspace.CopiedTree;
import dev.aegisvm.daemon.workspace.WorkspaceChanges;

/** What became of workspaces that were copied. */
record WorkspaceHandler(Processes processes, Snapshots snapshots) {
    void addTo(RouteTable routes) {
        routes.answer(Routes.DIFF_WORKSPACE, this::diff);
    }

    private WorkspaceDiff diff(Exchange exchange) {
        Processes.Target target = exchange.hold(processes.forFiles(exchange.ref()));
        CopiedTree copied = snapshots.workspace(target.spec().id());
        if (target.spec().workspace().filter(Workspace::isCopy).isEmpty() || !copied.isThere()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + exchange.ref() + "' has no copy of a workspace", "create it with --workspace DIRECTORY:copy");
        }
        try {
            GuestFiles guest = target.vm().guest().files(Optional.empty());
            return WorkspaceChanges.of(copied, guest, new GuestPath(Workspace.GUEST_PATH));
        } catch (IOException failure) {
            throw FilesHandler.refusal(failure);
        }
    }
}
