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
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.api.SecretViews.SecretView;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;

/** Every route of the API, once. Server, client and the check of {@code openapi.yaml} follow from this. */
public final class Routes {
    /** The protocol named in the headers {@code Upgrade} of request and answer. */
    public static final String STREAM_PROTOCOL = "aegis-stream";

    public static final List<ErrorCode> COMMON =
            List.of(BAD_REQUEST, UNKNOWN_FIELD, TOO_LARGE, INTERNAL, SHUTTING_DOWN);

    private static final List<Route<?, ?>> ALL = new ArrayList<>();
    private static final String ONE_EXEC = "/v1/instances/{id}/execs/{exec_id}";

    private static final List<ErrorCode> NONE = List.of();
    private static final List<ErrorCode> INSTANCE = List.of(NOT_FOUND);

    /** Of a request that changes an instance's state. */
    private static final List<ErrorCode> STATE =
            List.of(NOT_FOUND, WRONG_STATE, DISABLED, UNSUPPORTED, GUEST_FAILED, HOST_DISK_FULL);

    /** Of a boot. */
    private static final List<ErrorCode> BOOT =
            List.of(BOOT_FAILED, HOST_MEMORY_LOW, SECRET_UNREADABLE, UNKNOWN_SECRET);

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

    public static final Route<Void, StatusView> STATUS =
            route("status", "GET /v1/status", json(StatusView.class), NONE);

    /** The description of all these routes; see {@code openapi.yaml}. */
    public static final Route<Void, Void> OPENAPI = route("openapi", "GET /v1/openapi.json", raw(BodyForm.JSON), NONE);

    /** What the daemon has done and has, in Prometheus's text format. */
    public static final Route<Void, Void> METRICS = route("metrics", "GET /v1/metrics", raw(BodyForm.METRICS), NONE);

    /** What each instance uses; the oldest first. */
    public static final Route<Void, List<StatsView>> ALL_STATS =
            route("allStats", "GET /v1/stats", list(StatsView.class), NONE);

    /** What is kept on the host's disk. */
    public static final Route<Void, List<StorageView>> STORAGE =
            route("storage", "GET /v1/system/df", list(StorageView.class), IMAGES);

    /** Removes what is not used; with {@code older_than}, only what is older, and old logs too. */
    public static final Route<Void, List<StorageView>> PRUNE_STORAGE =
            route("pruneStorage", "POST /v1/system/prune", list(StorageView.class), IMAGES);

    /**
     * Creates and boots an instance; or boots the one that has this handle and is stopped. With {@code wait}, answers
     * when the main process has started; a new one whose main process did not is deleted.
     */
    public static final Route<CreateInstance, InstanceView> CREATE =
            route("create", "POST /v1/instances", json(CreateInstance.class), json(InstanceView.class), CREATING);

    /** All instances, or those of a {@code state}, with a {@code label}, or with {@code name} in their name. */
    public static final Route<Void, List<InstanceView>> LIST =
            route("list", "GET /v1/instances", list(InstanceView.class), NONE);

    /** Deletes the instances that have been stopped for {@code older_than}. */
    public static final Route<Void, PruneView> PRUNE =
            route("prune", "POST /v1/instances/prune", json(PruneView.class), NONE);

    public static final Route<Void, InstanceView> GET =
            route("get", "GET /v1/instances/{id}", json(InstanceView.class), INSTANCE);

    /**
     * Ends the VM and removes the record, the disk and the logs; answers when all is gone. With {@code if_stopped},
     * only if no VM runs.
     */
    public static final Route<Void, ActionView> DELETE =
            route("delete", "DELETE /v1/instances/{id}", json(ActionView.class), List.of(NOT_FOUND, WRONG_STATE));

    /** Gives it another handle; its guest has it as its host name from the next boot on. */
    public static final Route<RenameRequest, InstanceView> RENAME = route(
            "rename",
            "POST /v1/instances/{id}/rename",
            json(RenameRequest.class),
            json(InstanceView.class),
            List.of(NOT_FOUND, HANDLE_IN_USE, HOST_DISK_FULL));

    /** Exposes a port; others stay as they are. */
    public static final Route<PortMapping, InstanceView> EXPOSE = route(
            "expose",
            "POST /v1/instances/{id}/exposes",
            json(PortMapping.class),
            json(InstanceView.class),
            List.of(NOT_FOUND, PORT_IN_USE, HOST_DISK_FULL));

    /** Gives up ports of the host that lead to {@code GUEST}, or to {@code PUBLIC:GUEST} one; their connections end. */
    public static final Route<Void, InstanceView> UNEXPOSE = route(
            "unexpose",
            "DELETE /v1/instances/{id}/exposes/{port}",
            json(InstanceView.class),
            List.of(NOT_FOUND, HOST_DISK_FULL));

    public static final Route<Void, ActionView> START =
            route("start", "POST /v1/instances/{id}/start", json(ActionView.class), STATE);

    /** Ends the VM in order; answers when it has ended. */
    public static final Route<Void, ActionView> STOP =
            route("stop", "POST /v1/instances/{id}/stop", json(ActionView.class), STATE);

    /** The same, and nothing but a start boots it again. */
    public static final Route<Void, ActionView> DISABLE =
            route("disable", "POST /v1/instances/{id}/disable", json(ActionView.class), STATE);

    public static final Route<Void, ActionView> PAUSE =
            route("pause", "POST /v1/instances/{id}/pause", json(ActionView.class), STATE);

    public static final Route<Void, ActionView> RESUME =
            route("resume", "POST /v1/instances/{id}/resume", json(ActionView.class), STATE);

    /** What an instance uses, how often it woke up, and how fast. */
    public static final Route<Void, StatsView> STATS =
            route("stats", "GET /v1/instances/{id}/stats", json(StatsView.class), INSTANCE);

    /** Keeps an instance awake for some time. */
    public static final Route<KeepaliveRequest, KeepaliveView> KEEPALIVE = route(
            "keepalive",
            "POST /v1/instances/{id}/keepalive",
            json(KeepaliveRequest.class),
            json(KeepaliveView.class),
            INSTANCE);

    public static final Route<Void, KeepaliveView> RELEASE_KEEPALIVE =
            route("releaseKeepalive", "DELETE /v1/instances/{id}/keepalive", json(KeepaliveView.class), INSTANCE);

    /** Starts the main process of an ephemeral instance; the connection switches to {@code aegis-stream}. */
    public static final Route<Void, Void> ATTACH =
            route("attach", "POST /v1/instances/{id}/attach", raw(BodyForm.STREAM), WAKING);

    /**
     * Starts a process. Answers with lines; with {@code aegis-stream} where the request asks for the upgrade; at once
     * where it asks to {@code detach}.
     */
    public static final Route<ExecRequest, ExecStarted> EXEC =
            route("exec", "POST /v1/instances/{id}/exec", json(ExecRequest.class), json(ExecStarted.class), WAKING);

    /** The execs of an instance: those that run, or {@code all}, with the latest that ended. */
    public static final Route<Void, List<ExecView>> EXECS =
            route("execs", "GET /v1/instances/{id}/execs", list(ExecView.class), INSTANCE);

    public static final Route<Void, ExecView> GET_EXEC =
            route("getExec", "GET " + ONE_EXEC, json(ExecView.class), INSTANCE);

    /** A piece of a {@code stream} from a {@code cursor} on, {@code length} at most; waits {@code wait_ms} for one. */
    public static final Route<Void, ExecOutput> READ_EXEC =
            route("readExec", "GET " + ONE_EXEC + "/output", json(ExecOutput.class), INSTANCE);

    /** Connects with an exec by {@code aegis-stream}, from the cursors {@code stdout} and {@code stderr} on, or from now. */
    public static final Route<Void, Void> ATTACH_EXEC = route(
            "attachExec", "POST " + ONE_EXEC + "/attach", raw(BodyForm.STREAM), List.of(NOT_FOUND, HOST_MEMORY_LOW));

    /** The body goes to the stdin of an exec, which ends with it where {@code end} is asked for; wakes the instance. */
    public static final Route<Void, ActionView> WRITE_EXEC =
            route("writeExec", "POST " + ONE_EXEC + "/stdin", raw(BodyForm.FILE), json(ActionView.class), WAKING);

    public static final Route<TerminalSize, ActionView> RESIZE_EXEC = route(
            "resizeExec", "POST " + ONE_EXEC + "/resize", json(TerminalSize.class), json(ActionView.class), WAKING);

    /** Kills an exec, or the {@code main} process, with all that it started; or sends it a {@code signal}. */
    public static final Route<Void, ActionView> KILL_EXEC =
            route("killExec", "DELETE /v1/instances/{id}/execs/{exec_id}", json(ActionView.class), joined(STATE, BOOT));

    /** Log entries: {@code follow}, {@code since}, {@code until}, {@code source}, {@code tail}, {@code exec_id}. */
    public static final Route<Void, LogEntry> LOGS =
            route("logs", "GET /v1/instances/{id}/logs", lines(LogEntry.class), List.of(NOT_FOUND, DISABLED));

    /** What its guest may reach, and what was refused. */
    public static final Route<Void, EgressView> NETWORK =
            route("network", "GET /v1/instances/{id}/network", json(EgressView.class), INSTANCE);

    /** Adds and removes rules; new connections follow them at once. */
    public static final Route<ChangeNetwork, EgressView> CHANGE_NETWORK = route(
            "changeNetwork",
            "PATCH /v1/instances/{id}/network",
            json(ChangeNetwork.class),
            json(EgressView.class),
            List.of(NOT_FOUND, WRONG_STATE, HOST_DISK_FULL));

    /** What would become of a connection; nothing is sent. */
    public static final Route<NetworkTarget, VerdictView> TEST_NETWORK = route(
            "testNetwork",
            "POST /v1/instances/{id}/network/test",
            json(NetworkTarget.class),
            json(VerdictView.class),
            INSTANCE);

    /** The connections that its guest opened, or tried to: {@code follow}. */
    public static final Route<Void, AuditLine> NETWORK_LOG =
            route("networkLog", "GET /v1/instances/{id}/network/log", lines(AuditLine.class), INSTANCE);

    /** The fewest rules that allow all that its log says it asked for. */
    public static final Route<Void, SuggestionView> SUGGEST_NETWORK =
            route("suggestNetwork", "GET /v1/instances/{id}/network/suggest", json(SuggestionView.class), INSTANCE);

    /** The content of the file at {@code path}, or of its piece {@code offset}, {@code length}; as a {@code user}. */
    public static final Route<Void, Void> READ_FILE =
            route("readFile", "GET /v1/instances/{id}/files", raw(BodyForm.FILE), FILES);

    /** The body takes a file's place. */
    public static final Route<Void, FileView> WRITE_FILE =
            route("writeFile", "PUT /v1/instances/{id}/files", raw(BodyForm.FILE), json(FileView.class), FILES);

    public static final Route<Void, FileView> LIST_FILES =
            route("listFiles", "GET /v1/instances/{id}/files/list", lines(FileView.class), FILES);

    /** What is at a path; a symlink is followed. */
    public static final Route<Void, FileView> STAT_FILE =
            route("statFile", "GET /v1/instances/{id}/files/stat", json(FileView.class), FILES);

    public static final Route<Void, ActionView> MAKE_DIRECTORY =
            route("makeDirectory", "POST /v1/instances/{id}/files/mkdir", json(ActionView.class), FILES);

    public static final Route<Void, ActionView> REMOVE_FILE =
            route("removeFile", "POST /v1/instances/{id}/files/remove", json(ActionView.class), FILES);

    public static final Route<Void, ActionView> MOVE_FILE =
            route("moveFile", "POST /v1/instances/{id}/files/move", json(ActionView.class), FILES);

    /** A file or a tree as a tar stream. */
    public static final Route<Void, Void> READ_TAR =
            route("readTar", "GET /v1/instances/{id}/files/tar", raw(BodyForm.TAR), FILES);

    /** The body is unpacked into a directory. */
    public static final Route<Void, CopyView> WRITE_TAR =
            route("writeTar", "PUT /v1/instances/{id}/files/tar", raw(BodyForm.TAR), json(CopyView.class), FILES);

    /** What the guest made of its copy of a workspace. */
    public static final Route<Void, WorkspaceDiff> DIFF_WORKSPACE =
            route("diffWorkspace", "GET /v1/instances/{id}/workspace/diff", json(WorkspaceDiff.class), FILES);

    /** What an instance changed below {@code path} between snapshots {@code from} and {@code to}, with {@code texts}. */
    public static final Route<Void, WorkspaceDiff> DIFF =
            route("diff", "GET /v1/instances/{id}/diff", json(WorkspaceDiff.class), joined(FILES, SAVING));

    /** Keeps an instance as it is now: its disk, and what runs in it. */
    public static final Route<TakeSnapshot, SnapshotView> CREATE_SNAPSHOT = route(
            "createSnapshot",
            "POST /v1/instances/{id}/snapshots",
            json(TakeSnapshot.class),
            json(SnapshotView.class),
            SAVING);

    /** The oldest first. */
    public static final Route<Void, List<SnapshotView>> LIST_SNAPSHOTS =
            route("listSnapshots", "GET /v1/snapshots", list(SnapshotView.class), NONE);

    /** With {@code changes}, how much its instance has changed since. */
    public static final Route<Void, SnapshotView> GET_SNAPSHOT =
            route("getSnapshot", "GET /v1/snapshots/{name}", json(SnapshotView.class), joined(FILES, SAVING));

    public static final Route<Void, ActionView> DELETE_SNAPSHOT =
            route("deleteSnapshot", "DELETE /v1/snapshots/{name}", json(ActionView.class), SAVING);

    /** Deletes those that are {@code older_than}, but of each instance the {@code keep_last}. */
    public static final Route<Void, PruneView> PRUNE_SNAPSHOTS =
            route("pruneSnapshots", "POST /v1/snapshots/prune", json(PruneView.class), SAVING);

    /** Writes a snapshot to one file. */
    public static final Route<SnapshotFile, ActionView> EXPORT_SNAPSHOT = route(
            "exportSnapshot",
            "POST /v1/snapshots/{name}/export",
            json(SnapshotFile.class),
            json(ActionView.class),
            SAVING);

    /** Takes in a snapshot from such a file, which is not trusted. */
    public static final Route<SnapshotFile, ImportedSnapshot> IMPORT_SNAPSHOT = route(
            "importSnapshot",
            "POST /v1/snapshots/import",
            json(SnapshotFile.class),
            json(ImportedSnapshot.class),
            SAVING);

    /** New instances that go on from a snapshot, or from an instance as it is now. */
    public static final Route<ForkRequest, List<InstanceView>> FORK = route(
            "fork",
            "POST /v1/instances/{id}/fork",
            json(ForkRequest.class),
            list(InstanceView.class),
            joined(SAVING, CREATING));

    /** An instance goes back to what it was in a snapshot of it; its present state is kept as another. */
    public static final Route<RewindRequest, RewindView> REWIND = route(
            "rewind",
            "POST /v1/instances/{id}/rewind",
            json(RewindRequest.class),
            json(RewindView.class),
            joined(SAVING, BOOT));

    /** Changes of state; {@code follow}, {@code since}, {@code until}, {@code tail}, and filters as of {@link #LIST}. */
    public static final Route<Void, EventView> EVENTS = route("events", "GET /v1/events", lines(EventView.class), NONE);

    /** Fetches an image and says how that goes on; the last line has the image. */
    public static final Route<PullImage, ImageProgress> PULL_IMAGE =
            route("pullImage", "POST /v1/images/pull", json(PullImage.class), lines(ImageProgress.class), IMAGES);

    /** The same for the images of an archive on this host. */
    public static final Route<LoadImages, ImageProgress> LOAD_IMAGES =
            route("loadImages", "POST /v1/images/load", json(LoadImages.class), lines(ImageProgress.class), IMAGES);

    /** An instance becomes an image, which its answer tells of as {@link #PULL_IMAGE} does. */
    public static final Route<SaveImage, ImageProgress> SAVE_IMAGE = route(
            "saveImage",
            "POST /v1/instances/{id}/image",
            json(SaveImage.class),
            lines(ImageProgress.class),
            joined(FILES, IMAGES));

    /** Deletes every image that no instance is made of. */
    public static final Route<Void, ImagesPruned> PRUNE_IMAGES =
            route("pruneImages", "POST /v1/images/prune", json(ImagesPruned.class), IMAGES);

    /** All images, the newest first. */
    public static final Route<Void, List<ImageView>> LIST_IMAGES =
            route("listImages", "GET /v1/images", list(ImageView.class), NONE);

    /** Deletes the {@code image} of a name or digest. */
    public static final Route<Void, ActionView> DELETE_IMAGE =
            route("deleteImage", "DELETE /v1/images", json(ActionView.class), IMAGES);

    /** Stores a secret, in place of the one that has the name. */
    public static final Route<SecretValue, SecretView> PUT_SECRET = route(
            "putSecret",
            "PUT /v1/secrets/{name}",
            json(SecretValue.class),
            json(SecretView.class),
            List.of(SECRET_UNREADABLE, HOST_DISK_FULL));

    /** The names of all secrets. */
    public static final Route<Void, List<SecretView>> LIST_SECRETS =
            route("listSecrets", "GET /v1/secrets", list(SecretView.class), NONE);

    public static final Route<Void, ActionView> DELETE_SECRET = route(
            "deleteSecret", "DELETE /v1/secrets/{name}", json(ActionView.class), List.of(NOT_FOUND, HOST_DISK_FULL));

    private Routes() {}

    public static List<Route<?, ?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    /** One whose requests have no body. */
    private static <A> Route<Void, A> route(String name, String request, BodyType<A> answers, List<ErrorCode> errors) {
        return route(name, request, raw(BodyForm.NOTHING), answers, errors);
    }

    private static <Q, A> Route<Q, A> route(
            String name, String request, BodyType<Q> takes, BodyType<A> answers, List<ErrorCode> errors) {
        int space = request.indexOf(' ');
        Route<Q, A> route =
                new Route<>(name, request.substring(0, space), request.substring(space + 1), takes, answers, errors);
        ALL.add(route);
        return route;
    }

    private static List<ErrorCode> joined(List<ErrorCode> some, List<ErrorCode> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
