package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.host.Draft;
import org.jspecify.annotations.Nullable;

/**
 * Asks the daemon: {@code call(Routes.PAUSE, "box")}. Instances are named by id or handle. Every method throws {@link
 * ApiException} when the daemon refuses, {@link DaemonException.NotRunning} when there is none, and another {@link
 * IOException} when the conversation breaks. Not for several threads at once.
 */
public final class DaemonClient implements Closeable {
    /** The status that is meant when something fails after the answer has begun. */
    private static final int FAILED_LATE = 500;

    private static final Set<String> AT_REST = Set.of("stopped", "disabled", "deleting", "deleted");

    private final Path socket;
    private final Consumer<String> builds;
    /** The connection of the last request, or of the next. */
    private volatile @Nullable UnixHttp latest;

    private volatile boolean leaving;

    public DaemonClient(Path socket) {
        this(socket, build -> {});
    }

    /** @param builds is told the daemon's build with each answer; empty when it does not say */
    public DaemonClient(Path socket, Consumer<String> builds) {
        this.socket = socket;
        this.builds = builds;
    }

    /** Connects, so that the next request need not; tells whether there is a daemon. */
    public void connect() throws IOException {
        var _ = ready();
    }

    private UnixHttp ready() throws IOException {
        UnixHttp connection = latest;
        if (connection == null || !connection.isFree() || connection.hasEnded()) {
            connection = UnixHttp.connect(socket, builds);
            latest = connection;
        }
        if (leaving) {
            throw new InterruptedIOException("interrupted before the request was sent");
        }
        return connection;
    }

    public <A> A call(Route<?, A> route, String... names) throws IOException {
        return call(route.to(names));
    }

    public <A> A call(RouteCall<A> call) throws IOException {
        return ApiJson.read(call.route().answer(), json(call));
    }

    /** {@link #call} with the answer as the daemon wrote it. */
    public byte[] json(RouteCall<?> call) throws IOException {
        return ready().ask(call);
    }

    /** Asks for an answer that is read line by line. */
    public JsonLines lines(RouteCall<?> call) throws IOException {
        return new JsonLines(download(call));
    }

    /** Waits for images that are fetched or loaded, and gives them, one at least. */
    public List<ImageView> images(RouteCall<ImageProgress> call, Consumer<ImageProgress> progress) throws IOException {
        try (JsonLines lines = lines(call)) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ImageProgress now = ApiJson.answer(ImageProgress.class, line);
                if (now.images() != null) {
                    return now.images();
                }
                if (now.error() != null) {
                    String code = Objects.requireNonNullElse(now.code(), ErrorCode.INTERNAL.wire());
                    throw new ApiException(FAILED_LATE, new ApiError(now.error(), code, now.hint(), null, null), null);
                }
                progress.accept(now);
            }
        }
        throw new DaemonException("the daemon exited before the image was ready");
    }

    /** How an instance came to rest; without an exit code, its main process did not end by itself. */
    public record InstanceEnd(@Nullable Integer exitCode, String because) {}

    /** The changes of all instances from now on, for {@link #end}. */
    public JsonLines changes() throws IOException {
        return lines(Routes.EVENTS.to().flag("follow", true).query("tail", 0));
    }

    /**
     * Waits until an instance is at rest; one that was, and that a client has woken again by now, has ended too.
     *
     * @param seen what it was after {@code changes} had begun
     */
    public InstanceEnd end(InstanceView seen, JsonLines changes) throws IOException {
        InstanceView now = seen;
        while (now.state() != InstanceStatus.STOPPED) {
            byte[] line = changes.next();
            if (line == null) {
                throw new DaemonException("the daemon stopped while this command waited; run it again");
            }
            EventView event = ApiJson.answer(EventView.class, line);
            if (event.missed() != null) {
                // The connection may have been closed while this one waited.
                close();
                now = call(Routes.GET, seen.id());
            } else if (event.instanceId().equals(seen.id()) && AT_REST.contains(event.to())) {
                return new InstanceEnd(event.exitCode(), event.because());
            }
        }
        return new InstanceEnd(now.exitCode(), Objects.requireNonNullElse(now.reason(), "it was never started"));
    }

    /** Starts a process, or finds one, and connects with it. */
    public AttachedProcess stream(RouteCall<?> call) throws IOException {
        UnixHttp connection = ready();
        connection.upgrade(call);
        return new AttachedProcess(connection);
    }

    /** Asks for content of any size; closing it gives up what was not read. */
    public InputStream download(RouteCall<?> call) throws IOException {
        return ready().open(call);
    }

    /** Sends content of any size as it is written, by a buffer; {@code sent} counts its bytes. */
    public <A> A upload(RouteCall<A> call, Draft.Content content, AtomicLong sent) throws IOException {
        return ApiJson.read(call.route().answer(), ready().upload(call, content, sent));
    }

    /**
     * Sends nothing more, now or later, which tells the daemon that we leave; if it has answered before, that still
     * comes. For any thread, unlike the rest.
     */
    public void hangUp() throws IOException {
        leaving = true;
        UnixHttp connection = latest;
        if (connection != null) {
            connection.hangUp();
        }
    }

    @Override
    public void close() throws IOException {
        UnixHttp connection = latest;
        if (connection != null && connection.isFree()) {
            connection.close();
            latest = null;
        }
    }
}
