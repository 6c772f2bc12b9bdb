package dev.aegisvm.client;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.Actions.KeepaliveRequest;
import dev.aegisvm.api.Actions.KeepaliveView;
import dev.aegisvm.api.Actions.PruneView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecViews.ExecStarted;
import dev.aegisvm.api.ImageViews.ImagesPruned;
import dev.aegisvm.api.ImageViews.LoadImages;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.api.SecretViews.SecretView;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatusView;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's API, a method for each route. Instances are named by id or handle. Every method throws {@link
 * ApiException} when the daemon refuses, {@link NotRunningException} when there is none, and another {@link IOException}
 * when the conversation breaks. Not for several threads at once.
 */
public final class DaemonClient implements Closeable {
    private final Path socket;
    private final Consumer<String> builds;
    /** A connection that can carry the next request. */
    private @Nullable UnixHttp idle;

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
        if (idle == null) {
            idle = UnixHttp.connect(socket, builds);
        }
    }

    public StatusView status() throws IOException {
        return ApiJson.answer(StatusView.class, call(Routes.STATUS.method(), Routes.STATUS.path(), null));
    }

    /** Creates and boots; or boots the one that has this handle and is stopped. */
    public InstanceView create(CreateInstance request) throws IOException {
        return ApiJson.answer(
                InstanceView.class, call(Routes.CREATE.method(), Routes.CREATE.path(), ApiJson.write(request)));
    }

    /** All instances, or those in a state. */
    public List<InstanceView> list(@Nullable String state) throws IOException {
        return ApiJson.instances(listJson(state));
    }

    /** {@link #list} as the daemon wrote it. */
    public byte[] listJson(@Nullable String state) throws IOException {
        String query = state == null ? "" : "?state=".concat(UrlText.encode(state));
        return call(Routes.LIST.method(), Routes.LIST.path().concat(query), null);
    }

    public InstanceView get(String instance) throws IOException {
        return ApiJson.answer(InstanceView.class, getJson(instance));
    }

    /** {@link #get} as the daemon wrote it. */
    public byte[] getJson(String instance) throws IOException {
        return call(Routes.GET.method(), path(Routes.GET, instance), null);
    }

    /** How often an instance woke up, and how fast. */
    public StatsView stats(String instance) throws IOException {
        return ApiJson.answer(StatsView.class, statsJson(instance));
    }

    /** {@link #stats} as the daemon wrote it. */
    public byte[] statsJson(String instance) throws IOException {
        return call(Routes.STATS.method(), path(Routes.STATS, instance), null);
    }

    /** Ends the VM in order; returns when it has ended. */
    public ActionView stop(String instance) throws IOException {
        return act(Routes.STOP, instance);
    }

    /** {@link #stop}, and nothing but a start boots it again. */
    public ActionView disable(String instance) throws IOException {
        return act(Routes.DISABLE, instance);
    }

    public ActionView pause(String instance) throws IOException {
        return act(Routes.PAUSE, instance);
    }

    public ActionView resume(String instance) throws IOException {
        return act(Routes.RESUME, instance);
    }

    /**
     * Keeps an instance awake for some time.
     *
     * @param time a number and {@code d}, {@code h}, {@code m} or {@code s}; absent: 10 minutes
     */
    public KeepaliveView keepalive(String instance, @Nullable String time) throws IOException {
        byte[] request = ApiJson.write(new KeepaliveRequest(time));
        return ApiJson.answer(
                KeepaliveView.class, call(Routes.KEEPALIVE.method(), path(Routes.KEEPALIVE, instance), request));
    }

    public ActionView releaseKeepalive(String instance) throws IOException {
        return act(Routes.RELEASE_KEEPALIVE, instance);
    }

    /**
     * Deletes the instances that have been stopped for some while.
     *
     * @param olderThan a number and {@code d}, {@code h}, {@code m} or {@code s}
     */
    public PruneView prune(String olderThan) throws IOException {
        String target = Routes.PRUNE.path() + "?older_than=" + UrlText.encode(olderThan);
        return ApiJson.answer(PruneView.class, call(Routes.PRUNE.method(), target, null));
    }

    private ActionView act(Routes route, String instance) throws IOException {
        return ApiJson.answer(ActionView.class, call(route.method(), path(route, instance), null));
    }

    /** Ends the VM and removes the record, the disk and the logs; returns when all is gone. */
    public ActionView delete(String instance) throws IOException {
        return act(Routes.DELETE, instance);
    }

    /** Starts the main process of an ephemeral instance and connects with it. */
    public AttachedProcess attach(String instance) throws IOException {
        return stream(Routes.ATTACH, instance, new byte[0]);
    }

    /** Starts a process in an instance and connects with it. */
    public AttachedProcess exec(String instance, ExecRequest request) throws IOException {
        return stream(Routes.EXEC, instance, ApiJson.write(request));
    }

    /** Starts a process that nobody is connected with. */
    public ExecStarted detach(String instance, ExecRequest request) throws IOException {
        byte[] answer = call(Routes.EXEC.method(), path(Routes.EXEC, instance), ApiJson.write(request));
        return ApiJson.answer(ExecStarted.class, answer);
    }

    /** The processes started by {@link #exec} and {@link #detach} that run, as the daemon wrote it. */
    public byte[] execsJson(String instance) throws IOException {
        return call(Routes.EXECS.method(), path(Routes.EXECS, instance), null);
    }

    /** Kills one of them with all that it started. */
    public ActionView killExec(String instance, String execId) throws IOException {
        String target = Routes.KILL_EXEC.path(UrlText.encode(instance), UrlText.encode(execId));
        return ApiJson.answer(ActionView.class, call(Routes.KILL_EXEC.method(), target, null));
    }

    /** The log entries of an instance, each a line. */
    public JsonLines logs(String instance, LogQuery query) throws IOException {
        return lines(Routes.LOGS.method(), path(Routes.LOGS, instance).concat(query.query()));
    }

    /**
     * The transitions of all instances that the daemon remembers, each an {@code EventView} in a line.
     *
     * @param follow go on with new ones until the connection ends
     */
    public JsonLines events(boolean follow) throws IOException {
        return lines(Routes.EVENTS.method(), Routes.EVENTS.path().concat(follow ? "?follow=true" : ""));
    }

    /** Stores a secret, in place of the one that has the name. */
    public SecretView putSecret(String name, SecretValue value) throws IOException {
        String target = path(Routes.PUT_SECRET, name);
        return ApiJson.answer(SecretView.class, call(Routes.PUT_SECRET.method(), target, ApiJson.write(value)));
    }

    /** The names of all secrets. */
    public List<SecretView> secrets() throws IOException {
        return ApiJson.secrets(secretsJson());
    }

    /** {@link #secrets} as the daemon wrote it. */
    public byte[] secretsJson() throws IOException {
        return call(Routes.LIST_SECRETS.method(), Routes.LIST_SECRETS.path(), null);
    }

    public ActionView deleteSecret(String name) throws IOException {
        return act(Routes.DELETE_SECRET, name);
    }

    /** The files of an instance, as a user of the guest ({@code name}, {@code uid}, …) or root. */
    public InstanceFiles files(String instance, @Nullable String user) {
        return new InstanceFiles(this, instance, user);
    }

    /** Content of any size; closing it gives up what was not read. */
    InputStream download(String target) throws IOException {
        UnixHttp connection = take();
        HttpAnswer answer = connection.send("GET", target);
        if (answer.status() != 200) {
            throw refusal(connection, answer);
        }
        return new Download(answer.body(), connection);
    }

    /** Begins a request with content of any size. */
    Upload upload(String method, String target) throws IOException {
        UnixHttp connection = take();
        connection.begin(method, target);
        return new Upload(this, connection);
    }

    /**
     * Fetches an image; the lines tell how it goes on, each an {@code ImageProgress}.
     *
     * @param missing only if none of that name is here
     */
    public JsonLines pull(String imageRef, boolean missing) throws IOException {
        return lines(Routes.PULL_IMAGE, ApiJson.write(new PullImage(imageRef, missing)));
    }

    /** Takes in the images of an archive on this host, with lines as {@link #pull} has them. */
    public JsonLines load(Path archive) throws IOException {
        return lines(Routes.LOAD_IMAGES, ApiJson.write(new LoadImages(archive.toString())));
    }

    /** All images, the newest first, as the daemon wrote it. */
    public byte[] imagesJson() throws IOException {
        return call(Routes.LIST_IMAGES.method(), Routes.LIST_IMAGES.path(), null);
    }

    /** Deletes an image, by name or digest. */
    public ActionView deleteImage(String image) throws IOException {
        String target = Routes.DELETE_IMAGE.path() + "?image=" + UrlText.encode(image);
        return ApiJson.answer(ActionView.class, call(Routes.DELETE_IMAGE.method(), target, null));
    }

    /** Deletes every image that no instance is made of. */
    public ImagesPruned pruneImages() throws IOException {
        byte[] answer = call(Routes.PRUNE_IMAGES.method(), Routes.PRUNE_IMAGES.path(), null);
        return ApiJson.answer(ImagesPruned.class, answer);
    }

    private JsonLines lines(Routes route, byte[] json) throws IOException {
        UnixHttp connection = take();
        return lines(connection, connection.send(route.method(), route.path(), json));
    }

    JsonLines lines(String method, String target) throws IOException {
        UnixHttp connection = take();
        return lines(connection, connection.send(method, target));
    }

    private JsonLines lines(UnixHttp connection, HttpAnswer answer) throws IOException {
        if (answer.status() != 200) {
            throw refusal(connection, answer);
        }
        return new JsonLines(answer.body(), connection);
    }

    private AttachedProcess stream(Routes route, String instance, byte[] body) throws IOException {
        UnixHttp connection = take();
        HttpAnswer answer = connection.upgrade(route.method(), path(route, instance), body);
        if (answer.status() != 101) {
            throw refusal(connection, answer);
        }
        return new AttachedProcess(connection);
    }

    private static String path(Routes route, String instance) {
        return route.path(UrlText.encode(instance));
    }

    byte[] call(String method, String target, byte @Nullable [] json) throws IOException {
        UnixHttp connection = take();
        return answer(
                connection, json == null ? connection.send(method, target) : connection.send(method, target, json));
    }

    /** Reads the whole answer, after which the connection can carry another request. */
    byte[] answer(UnixHttp connection, HttpAnswer answer) throws IOException {
        if (answer.status() >= 300) {
            throw refusal(connection, answer);
        }
        byte[] body = answer.bytes();
        giveBack(connection, answer);
        return body;
    }

    private UnixHttp take() throws IOException {
        connect();
        UnixHttp connection = idle;
        idle = null;
        if (connection == null) {
            throw new IllegalStateException("connected, and yet there is no connection");
        }
        return connection;
    }

    private void giveBack(UnixHttp connection, HttpAnswer answer) throws IOException {
        if (answer.reusable()) {
            idle = connection;
        } else {
            connection.close();
        }
    }

    private ApiException refusal(UnixHttp connection, HttpAnswer answer) throws IOException {
        byte[] body = answer.bytes();
        giveBack(connection, answer);
        return new ApiException(answer.status(), HttpAnswer.error(answer.status(), body), null);
    }

    @Override
    public void close() throws IOException {
        if (idle != null) {
            idle.close();
            idle = null;
        }
    }
}
