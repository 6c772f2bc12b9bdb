package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.Build;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.task.Task;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The API on its unix socket. Each request is handled by a thread of its own, which may block. */
public final class ApiServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
    /** What a command and its environment can need; the guest's kernel takes less. */
    private static final int MOST_BODY = 4 * 1024 * 1024;

    /** Of a body, as it is handed on, in bytes. */
    private static final int LARGEST_PIECE = 64 * 1024;

    private static final int BACKLOG = 4096;
    private static final long CLOSING_SECONDS = 5;

    private final Vertx vertx;
    private final HttpServer server;
    private final Path socket;
    private final PeerCheck peers;
    private final StatusHandler status;
    private final InstancesHandler instances;
    private final ExecHandler processes;
    private final LogsHandler logs;
    private final EventsHandler events;
    private final SecretsHandler secrets;
    private final FilesHandler files;
    private final TarHandler tars;
    private final ImagesHandler images;

    private ApiServer(Vertx vertx, Path socket, UserPrincipal owner, Services services) {
        this.vertx = vertx;
        this.socket = socket;
        this.peers = new PeerCheck(owner);
        this.status = new StatusHandler(services.backend(), services.instances());
        this.instances = new InstancesHandler(services.instances(), services.creation());
        this.processes = new ExecHandler(services.processes());
        this.files = new FilesHandler(services.processes());
        this.tars = new TarHandler(services.processes());
        this.logs = new LogsHandler(services.instances());
        this.events = new EventsHandler(services.events());
        this.secrets = new SecretsHandler(services.secrets());
        this.images = new ImagesHandler(services.images());
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setAcceptBacklog(BACKLOG)
                        .setHandle100ContinueAutomatically(true)
                        .setMaxChunkSize(LARGEST_PIECE)
                        .setHttp2ClearTextEnabled(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false))
                .connectionHandler(this::connected)
                .requestHandler(this::received);
    }

    /** What serves the API; takes a moment to begin, and can be made while other things are. */
    public static Vertx newVertx() {
        System.setProperty("vertx.disableDnsResolver", "true");
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        return vertx.exceptionHandler(ApiServer::unforeseen);
    }

    /** On the event loop, where no one request can be answered for it. */
    private static void unforeseen(Throwable failure) {
        if (failure instanceof Error bug) {
            Task.fatal(bug);
        } else {
            LOG.log(Level.WARNING, "on the event loop", failure);
        }
    }

    /** Answers from now on. The caller holds the home's lock, so an old socket is nobody's. */
    public static ApiServer start(Vertx vertx, Path socket, UserPrincipal owner, Services services) throws IOException {
        Files.deleteIfExists(socket);
        ApiServer api = new ApiServer(vertx, socket, owner, services);
        try {
            api.server
                    .listen(SocketAddress.domainSocketAddress(socket.toString()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException obstacle) {
            throw new IOException("cannot listen on " + socket + ": " + obstacle.getCause(), obstacle);
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        return api;
    }

    private void connected(HttpConnection connection) {
        ChannelHandlerContext channel = ((HttpServerConnection) connection).channelHandlerContext();
        if (!peers.admits(channel.channel())) {
            connection.close();
            return;
        }
        channel.pipeline().addBefore(channel.name(), "aegis-stream", new StreamUpgrade());
    }

    /** On the event loop: takes the body in, unless it is content of any size, and leaves the request to a thread. */
    private void received(HttpServerRequest request) {
        Context context = vertx.getOrCreateContext();
        request.response().putHeader(Build.HEADER, Build.id());
        if (RouteTable.streamsBody(request.method().name(), request.path())) {
            Exchange exchange = new Exchange(context, request, new RequestBody(context, request));
            begin(exchange);
            return;
        }
        Buffer body = Buffer.buffer();
        AtomicLong received = new AtomicLong();
        request.handler(piece -> {
            if (received.addAndGet(piece.length()) <= MOST_BODY) {
                body.appendBuffer(piece);
            }
        });
        request.endHandler(end -> {
            Exchange exchange = new Exchange(context, request, body.getBytes());
            if (received.get() > MOST_BODY) {
                refuse(exchange, new ApiException(ErrorCode.TOO_LARGE, "a body has " + MOST_BODY + " bytes at most"));
            } else {
                begin(exchange);
            }
        });
    }

    private static void refuse(Exchange exchange, ApiException refusal) {
        exchange.answer(refusal.status(), refusal.error());
    }

    private void begin(Exchange exchange) {
        Task.start(exchange.method() + " " + exchange.path(), () -> handle(exchange), bug -> exchange.broken());
    }

    private void handle(Exchange exchange) {
        try {
            RouteTable.Match match = RouteTable.find(exchange.method(), exchange.path());
            exchange.named(match.names());
            serve(match, exchange);
        } catch (ApiException refusal) {
            refuse(exchange, refusal);
        } finally {
            exchange.release();
        }
    }

    /** The whole surface of the API. */
    private void serve(RouteTable.Match match, Exchange exchange) {
        switch (match.route()) {
            case STATUS -> status.get(exchange);
            case OPENAPI -> exchange.answer(200, OpenApi.json());
            case CREATE -> instances.create(exchange);
            case LIST -> instances.list(exchange);
            case GET -> instances.get(exchange);
            case DELETE -> instances.delete(exchange);
            case START -> instances.start(exchange);
            case STOP -> instances.stop(exchange);
            case DISABLE -> instances.disable(exchange);
            case PAUSE -> instances.pause(exchange);
            case RESUME -> instances.resume(exchange);
            case STATS -> instances.stats(exchange);
            case KEEPALIVE -> instances.keepalive(exchange);
            case RELEASE_KEEPALIVE -> instances.releaseKeepalive(exchange);
            case PRUNE -> instances.prune(exchange);
            case ATTACH -> processes.attach(exchange);
            case EXEC -> processes.exec(exchange);
            case EXECS -> processes.list(exchange);
            case KILL_EXEC -> processes.kill(exchange);
            case LOGS -> logs.get(exchange);
            case READ_FILE -> files.read(exchange);
            case WRITE_FILE -> files.write(exchange);
            case LIST_FILES -> files.list(exchange);
            case STAT_FILE -> files.stat(exchange);
            case MAKE_DIRECTORY -> files.makeDirectory(exchange);
            case REMOVE_FILE -> files.remove(exchange);
            case MOVE_FILE -> files.move(exchange);
            case READ_TAR -> tars.read(exchange);
            case WRITE_TAR -> tars.write(exchange);
            case EVENTS -> events.get(exchange);
            case PUT_SECRET -> secrets.put(exchange);
            case LIST_SECRETS -> secrets.list(exchange);
            case DELETE_SECRET -> secrets.delete(exchange);
            case PULL_IMAGE, LOAD_IMAGES, PRUNE_IMAGES, LIST_IMAGES, DELETE_IMAGE ->
                images.serve(match.route(), exchange);
        }
    }

    /** Ends all connections and removes the socket. */
    @Override
    public void close() throws IOException {
        try {
            server.shutdown(0, TimeUnit.SECONDS)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(CLOSING_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException late) {
            LOG.log(Level.DEBUG, "the API server did not end in time: " + late.getCause());
        }
        Files.deleteIfExists(socket);
    }
}
