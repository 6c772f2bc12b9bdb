package dev.aegisvm.api;

import static dev.aegisvm.api.BodyType.*;
import static dev.aegisvm.api.ErrorCode.*;

import module java.base;
import dev.aegisvm.api.Actions.*;
import dev.aegisvm.api.BodyType.BodyForm;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.api.SecretViews.*;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.SystemViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;

/**
 * Every route of the API, once. Server, client and the check of {@code openapi.yaml} follow from this; what a route
 * does, and what its parameters mean, is described there, in an operation that is called as its constant here.
 */
public final class Routes {
    /** The protocol named in the headers {@code Upgrade} of request and answer. */
    public static final String STREAM_PROTOCOL = "aegis-stream";

    public static final List<ErrorCode> COMMON =
            List.of(BAD_REQUEST, UNKNOWN_FIELD, TOO_LARGE, HOST_MEMORY_LOW, INTERNAL, SHUTTING_DOWN);

    private static final List<Route<?, ?>> ALL = new ArrayList<>();
    private static final String ONE_EXEC = "/v1/instances/{id}/execs/{exec_id}";

    private static final List<ErrorCode> NONE = List.of();
    private static final List<ErrorCode> INSTANCE = List.of(NOT_FOUND);

    /** Of a request that changes an instance's state. */
    private static final List<ErrorCode> STATE =
            List.of(NOT_FOUND, WRONG_STATE, DISABLED, UNSUPPORTED, GUEST_FAILED, HOST_DISK_FULL);

    /** Of a boot. */
    private static final List<ErrorCode> BOOT = List.of(BOOT_FAILED, SECRET_UNREADABLE, UNKNOWN_SECRET);

    /** Of the work on images. */
    private static final List<ErrorCode> IMAGES = List.of(
            IMAGE_NOT_FOUND,
            IMAGE_UNAUTHORIZED,
            REGISTRY_UNREACHABLE,
            IMAGE_BROKEN,
            IMAGE_TOO_LARGE,
            IMAGE_WRONG_PLATFORM,
            IMAGE_IN_USE,
            IMAGE_STORAGE);

    /** Of a process in a guest, for which an instance wakes up. */
    private static final List<ErrorCode> WAKING =
            joined(joined(STATE, BOOT), List.of(COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE));

    private static final List<ErrorCode> CREATING = joined(joined(WAKING, IMAGES), List.of(HANDLE_IN_USE, PORT_IN_USE));

    private static final List<ErrorCode> FILES = joined(
            joined(STATE, BOOT), List.of(FILE_NOT_FOUND, FILE_DENIED, FILE_EXISTS, FILE_REFUSED, GUEST_DISK_FULL));

    /** Of what is done with snapshots. */
    private static final List<ErrorCode> SAVING =
            joined(STATE, List.of(HANDLE_IN_USE, WORKSPACE_SHARED, SECRET_IN_MEMORY, SNAPSHOT_FAILED, SNAPSHOTS_FULL));

    // The daemon, and all instances
    public static final Route<Void, StatusView> STATUS = route("GET /v1/status", StatusView.class, NONE);
    public static final Route<Void, Void> OPENAPI = route("GET /v1/openapi.json", raw(BodyForm.JSON), NONE);
    public static final Route<Void, Void> METRICS = route("GET /v1/metrics", raw(BodyForm.METRICS), NONE);
    public static final Route<Void, List<StatsView>> ALL_STATS = route("GET /v1/stats", list(StatsView.class), NONE);
    public static final Route<Void, List<StorageView>> STORAGE =
            route("GET /v1/system/df", list(StorageView.class), IMAGES);
    public static final Route<Void, List<StorageView>> PRUNE_STORAGE =
            route("POST /v1/system/prune", list(StorageView.class), IMAGES);
    public static final Route<Void, EventView> EVENTS = route("GET /v1/events", lines(EventView.class), NONE);

    // Instances
    public static final Route<CreateInstance, InstanceView> CREATE =
            route("POST /v1/instances", CreateInstance.class, InstanceView.class, CREATING);
    public static final Route<Void, List<InstanceView>> LIST =
            route("GET /v1/instances", list(InstanceView.class), NONE);
    public static final Route<Void, PruneView> PRUNE = route("POST /v1/instances/prune", PruneView.class, NONE);
    public static final Route<Void, InstanceView> GET = route("GET /v1/instances/{id}", InstanceView.class, INSTANCE);
    public static final Route<Void, ActionView> DELETE =
            route("DELETE /v1/instances/{id}", ActionView.class, List.of(NOT_FOUND, WRONG_STATE));
    public static final Route<RenameRequest, InstanceView> RENAME = route(
            "POST /v1/instances/{id}/rename",
            RenameRequest.class,
            InstanceView.class,
            List.of(NOT_FOUND, HANDLE_IN_USE, HOST_DISK_FULL));
    public static final Route<PortMapping, InstanceView> EXPOSE = route(
            "POST /v1/instances/{id}/exposes",
            PortMapping.class,
            InstanceView.class,
            List.of(NOT_FOUND, PORT_IN_USE, HOST_DISK_FULL));
    public static final Route<Void, InstanceView> UNEXPOSE =
            route("DELETE /v1/instances/{id}/exposes/{port}", InstanceView.class, List.of(NOT_FOUND, HOST_DISK_FULL));
    public static final Route<Void, ActionView> START = route("POST /v1/instances/{id}/start", ActionView.class, STATE);
    public static final Route<Void, ActionView> STOP = route("POST /v1/instances/{id}/stop", ActionView.class, STATE);
    public static final Route<Void, ActionView> DISABLE =
            route("POST /v1/instances/{id}/disable", ActionView.class, STATE);
    public static final Route<Void, ActionView> PAUSE = route("POST /v1/instances/{id}/pause", ActionView.class, STATE);
    public static final Route<Void, ActionView> RESUME =
            route("POST /v1/instances/{id}/resume", ActionView.class, STATE);
    public static final Route<Void, StatsView> STATS = route("GET /v1/instances/{id}/stats", StatsView.class, INSTANCE);
    public static final Route<KeepaliveRequest, KeepaliveView> KEEPALIVE =
            route("POST /v1/instances/{id}/keepalive", KeepaliveRequest.class, KeepaliveView.class, INSTANCE);
    public static final Route<Void, KeepaliveView> RELEASE_KEEPALIVE =
            route("DELETE /v1/instances/{id}/keepalive", KeepaliveView.class, INSTANCE);
    public static final Route<Void, LogEntry> LOGS =
            route("GET /v1/instances/{id}/logs", lines(LogEntry.class), List.of(NOT_FOUND, DISABLED));

    // Processes
    public static final Route<Void, Void> ATTACH =
            route("POST /v1/instances/{id}/attach", raw(BodyForm.STREAM), WAKING);
    public static final Route<ExecRequest, ExecStarted> EXEC =
            route("POST /v1/instances/{id}/exec", ExecRequest.class, ExecStarted.class, WAKING);
    public static final Route<Void, List<ExecView>> EXECS =
            route("GET /v1/instances/{id}/execs", list(ExecView.class), INSTANCE);
    public static final Route<Void, ExecView> GET_EXEC = route("GET " + ONE_EXEC, ExecView.class, INSTANCE);
    public static final Route<Void, ExecOutput> READ_EXEC =
            route("GET " + ONE_EXEC + "/output", ExecOutput.class, INSTANCE);
    public static final Route<Void, Void> ATTACH_EXEC =
            route("POST " + ONE_EXEC + "/attach", raw(BodyForm.STREAM), INSTANCE);
    public static final Route<Void, ActionView> WRITE_EXEC =
            route("POST " + ONE_EXEC + "/stdin", raw(BodyForm.FILE), json(ActionView.class), WAKING);
    public static final Route<TerminalSize, ActionView> RESIZE_EXEC =
            route("POST " + ONE_EXEC + "/resize", TerminalSize.class, ActionView.class, WAKING);
    public static final Route<Void, ActionView> KILL_EXEC =
            route("DELETE " + ONE_EXEC, ActionView.class, joined(STATE, BOOT));

    // What a guest may reach
    public static final Route<Void, EgressView> NETWORK =
            route("GET /v1/instances/{id}/network", EgressView.class, INSTANCE);
    public static final Route<ChangeNetwork, EgressView> CHANGE_NETWORK = route(
            "PATCH /v1/instances/{id}/network",
            ChangeNetwork.class,
            EgressView.class,
            List.of(NOT_FOUND, WRONG_STATE, HOST_DISK_FULL));
    public static final Route<NetworkTarget, VerdictView> TEST_NETWORK =
            route("POST /v1/instances/{id}/network/test", NetworkTarget.class, VerdictView.class, INSTANCE);
    public static final Route<Void, AuditLine> NETWORK_LOG =
            route("GET /v1/instances/{id}/network/log", lines(AuditLine.class), INSTANCE);
    public static final Route<Void, SuggestionView> SUGGEST_NETWORK =
            route("GET /v1/instances/{id}/network/suggest", SuggestionView.class, INSTANCE);

    // Files of a guest, and what it changed
    public static final Route<Void, Void> READ_FILE = route("GET /v1/instances/{id}/files", raw(BodyForm.FILE), FILES);
    public static final Route<Void, FileView> WRITE_FILE =
            route("PUT /v1/instances/{id}/files", raw(BodyForm.FILE), json(FileView.class), FILES);
    public static final Route<Void, FileView> LIST_FILES =
            route("GET /v1/instances/{id}/files/list", lines(FileView.class), FILES);
    public static final Route<Void, FileView> STAT_FILE =
            route("GET /v1/instances/{id}/files/stat", FileView.class, FILES);
    public static final Route<Void, ActionView> MAKE_DIRECTORY =
            route("POST /v1/instances/{id}/files/mkdir", ActionView.class, FILES);
    public static final Route<Void, ActionView> REMOVE_FILE =
            route("POST /v1/instances/{id}/files/remove", ActionView.class, FILES);
    public static final Route<Void, ActionView> MOVE_FILE =
            route("POST /v1/instances/{id}/files/move", ActionView.class, FILES);
    public static final Route<Void, Void> READ_TAR =
            route("GET /v1/instances/{id}/files/tar", raw(BodyForm.TAR), FILES);
    public static final Route<Void, CopyView> WRITE_TAR =
            route("PUT /v1/instances/{id}/files/tar", raw(BodyForm.TAR), json(CopyView.class), FILES);
    public static final Route<Void, WorkspaceDiff> DIFF_WORKSPACE =
            route("GET /v1/instances/{id}/workspace/diff", WorkspaceDiff.class, FILES);
    public static final Route<Void, WorkspaceDiff> DIFF =
            route("GET /v1/instances/{id}/diff", WorkspaceDiff.class, joined(FILES, SAVING));

    // Snapshots
    public static final Route<TakeSnapshot, SnapshotView> CREATE_SNAPSHOT =
            route("POST /v1/instances/{id}/snapshots", TakeSnapshot.class, SnapshotView.class, SAVING);
    public static final Route<Void, List<SnapshotView>> LIST_SNAPSHOTS =
            route("GET /v1/snapshots", list(SnapshotView.class), NONE);
    public static final Route<Void, SnapshotView> GET_SNAPSHOT =
            route("GET /v1/snapshots/{name}", SnapshotView.class, joined(FILES, SAVING));
    public static final Route<Void, ActionView> DELETE_SNAPSHOT =
            route("DELETE /v1/snapshots/{name}", ActionView.class, SAVING);
    public static final Route<Void, PruneView> PRUNE_SNAPSHOTS =
            route("POST /v1/snapshots/prune", PruneView.class, SAVING);
    public static final Route<SnapshotFile, ActionView> EXPORT_SNAPSHOT =
            route("POST /v1/snapshots/{name}/export", SnapshotFile.class, ActionView.class, SAVING);
    public static final Route<SnapshotFile, ImportedSnapshot> IMPORT_SNAPSHOT =
            route("POST /v1/snapshots/import", SnapshotFile.class, ImportedSnapshot.class, SAVING);
    public static final Route<ForkRequest, List<InstanceView>> FORK = route(
            "POST /v1/instances/{id}/fork",
            json(ForkRequest.class),
            list(InstanceView.class),
            joined(SAVING, CREATING));
    public static final Route<RewindRequest, RewindView> REWIND =
            route("POST /v1/instances/{id}/rewind", RewindRequest.class, RewindView.class, joined(SAVING, BOOT));

    // Images
    public static final Route<PullImage, ImageProgress> PULL_IMAGE =
            route("POST /v1/images/pull", json(PullImage.class), lines(ImageProgress.class), IMAGES);
    public static final Route<LoadImages, ImageProgress> LOAD_IMAGES =
            route("POST /v1/images/load", json(LoadImages.class), lines(ImageProgress.class), IMAGES);
    public static final Route<SaveImage, ImageProgress> SAVE_IMAGE = route(
            "POST /v1/instances/{id}/image", json(SaveImage.class), lines(ImageProgress.class), joined(FILES, IMAGES));
    public static final Route<Void, ImagesPruned> PRUNE_IMAGES =
            route("POST /v1/images/prune", ImagesPruned.class, IMAGES);
    public static final Route<Void, List<ImageView>> LIST_IMAGES = route("GET /v1/images", list(ImageView.class), NONE);
    public static final Route<Void, ActionView> DELETE_IMAGE = route("DELETE /v1/images", ActionView.class, IMAGES);

    // Secrets
    public static final Route<SecretValue, SecretView> PUT_SECRET = route(
            "PUT /v1/secrets/{name}", SecretValue.class, SecretView.class, List.of(SECRET_UNREADABLE, HOST_DISK_FULL));
    public static final Route<Void, List<SecretView>> LIST_SECRETS =
            route("GET /v1/secrets", list(SecretView.class), NONE);
    public static final Route<Void, ActionView> DELETE_SECRET =
            route("DELETE /v1/secrets/{name}", ActionView.class, List.of(NOT_FOUND, HOST_DISK_FULL));

    private Routes() {}

    public static List<Route<?, ?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    private static <A> Route<Void, A> route(String request, Class<A> answer, List<ErrorCode> errors) {
        return route(request, json(answer), errors);
    }

    /** One whose requests have no body. */
    private static <A> Route<Void, A> route(String request, BodyType<A> answer, List<ErrorCode> errors) {
        return route(request, raw(BodyForm.NOTHING), answer, errors);
    }

    private static <Q, A> Route<Q, A> route(String request, Class<Q> takes, Class<A> answer, List<ErrorCode> errors) {
        return route(request, json(takes), json(answer), errors);
    }

    private static <Q, A> Route<Q, A> route(
            String request, BodyType<Q> takes, BodyType<A> answer, List<ErrorCode> errors) {
        int space = request.indexOf(' ');
        Route<Q, A> route =
                new Route<>(request.substring(0, space), request.substring(space + 1), takes, answer, errors);
        ALL.add(route);
        return route;
    }

    private static List<ErrorCode> joined(List<ErrorCode> some, List<ErrorCode> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
