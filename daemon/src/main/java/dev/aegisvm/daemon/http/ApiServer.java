package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.Peer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
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
import java.lang.System.Logger.Level;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** The API on its unix socket. Each request is handled by a thread of its own, which may block. */
public final class ApiServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
    /** Of a body, as it is handed on, in bytes. */
    private static final int MAX_PIECE = 64 * 1024;
    /** Of the request line, and of all headers together. A guest's path may take 12 KiB in a URL; a move has two. */
    private static final int MAX_HEAD = 64 * 1024;

    /** One is the API's, and one the HTTP router's. */
    private static final int EVENT_LOOPS = 2;

    private static final int BACKLOG = 4096;
    private static final long CLOSING_SECONDS = 5;

    private final Vertx vertx;
    private final HttpServer server;
    private final Path socket;
    private final UserPrincipal owner;
    private final RouteTable routes;
    private final Counters counters;
    /** What bodies of requests hold. */
    private final ForeignBudget.Share share;

    /** Answers no request before {@link #listen}. */
    public ApiServer(Vertx vertx, Path socket, UserPrincipal owner, Services services) {
        this.vertx = vertx;
        this.socket = socket;
        this.owner = owner;
        this.routes = routes(services);
        this.counters = services.journal().counters();
        this.share = services.journal().budget().share();
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setAcceptBacklog(BACKLOG)
                        .setHandle100ContinueAutomatically(true)
                        .setMaxChunkSize(MAX_PIECE)
                        .setMaxInitialLineLength(MAX_HEAD)
                        .setMaxHeaderSize(MAX_HEAD)
                        .setHttp2ClearTextEnabled(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false))
                .connectionHandler(this::connected)
                .invalidRequestHandler(ApiServer::invalid)
                .requestHandler(this::receive);
    }

    private static RouteTable routes(Services services) {
        RouteTable routes = new RouteTable();
        new StatusHandler(services, System.nanoTime()).addTo(routes);
        new InstancesHandler(services.instances(), services.creation()).addTo(routes);
        new ExecHandler(services.processes()).addTo(routes);
        new FilesHandler(services.processes()).addTo(routes);
        new SnapshotsHandler(services).addTo(routes);
        new LogsHandler(services.instances(), services.journal().events()).addTo(routes);
        new SecretsHandler(services.secrets()).addTo(routes);
        new ImagesHandler(services.images(), services.instances(), services.processes()).addTo(routes);
        new NetworkHandler(services.instances(), services.gateways()).addTo(routes);
        routes.check(Routes.all());
        return routes;
    }

    /** What serves the API; takes a moment to begin, and can be made while other things are. */
    public static Vertx newVertx() {
        System.setProperty("vertx.disableDnsResolver", "true");
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        return vertx.exceptionHandler(ApiServer::unforeseen);
    }

    /** On the event loop, where no one request can be answered for it. */
    private static void unforeseen(Throwable failure) {
        if (failure instanceof Error bug && !Task.isOfOneRequest(bug)) {
            Task.fatal(bug);
        } else {
            LOG.log(Level.WARNING, "error on the event loop", failure);
        }
    }

    /** Answers from now on. The caller holds the home's lock, so no daemon uses an old socket. */
    public void listen() throws IOException {
        Files.deleteIfExists(socket);
        try {
            server.listen(SocketAddress.domainSocketAddress(socket.toString()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException obstacle) {
            throw new IOException("cannot listen on " + socket + ": " + obstacle.getCause(), obstacle);
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    }

    private void connected(HttpConnection connection) {
        ChannelHandlerContext channel = ((HttpServerConnection) connection).channelHandlerContext();
        if (!admits(channel.channel())) {
            connection.close();
            return;
        }
        channel.pipeline().addBefore(channel.name(), "aegis-stream", new StreamUpgrade());
    }

    /**
     * Lets only the daemon's own user in, and no process that the daemon started: a VM has nothing to ask. The modes of
     * the socket and of its directory, and the jail of VMs, say the same; this holds even where a user changed the
     * ones or a host lacks the other.
     */
    private boolean admits(Channel channel) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        String who = peer == null ? "an unknown process" : peer.user().toString();
        try {
            if (peer != null && peer.user().equals(owner)) {
                if (!Peer.isOurs(((NioUnsafe) channel.unsafe()).ch())) {
                    return true;
                }
                who = "a process that this daemon started";
            }
        } catch (IOException unknown) {
            LOG.log(Level.WARNING, "cannot find out which user connects", unknown);
        }
        LOG.log(Level.WARNING, "refused a connection from " + who);
        return false;
    }

    /** A request that the server cannot read. Nothing that follows on its connection can be read either. */
    private static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        HttpResponseStatus status = switch (cause) {
            case TooLongHttpLineException _ -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
            case TooLongHttpHeaderException _ -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
            case Throwable _ -> HttpResponseStatus.BAD_REQUEST;
        };
        ApiError error = status.equals(HttpResponseStatus.BAD_REQUEST)
                ? ErrorCode.BAD_REQUEST.error("this is not a valid HTTP request: " + cause.getMessage())
                : ErrorCode.TOO_LARGE.error(
                        "a request's first line and its headers must each be at most " + MAX_HEAD + " bytes");
        end(request, status, error);
    }

    /** The last answer on its connection. */
    private static void end(HttpServerRequest request, HttpResponseStatus status, ApiError error) {
        request.response()
                .setStatusCode(status.code())
                .putHeader(Build.HEADER, Build.id())
                .putHeader("Content-Type", "application/json")
                .end(Buffer.buffer(ApiJson.write(error)))
                .onComplete(sent -> request.connection().close());
    }

    /** On the event loop: leaves the request to a thread, to which its body is given as it comes. */
    private void receive(HttpServerRequest request) {
        Runnable work = () -> {
            Context context = vertx.getOrCreateContext();
            request.response().putHeader(Build.HEADER, Build.id());
            Exchange exchange = new Exchange(context, request, ClientInput.body(context, request));
            Task.start(exchange.method() + " " + exchange.path(), () -> handle(exchange), bug -> exchange.broken());
        };
        ApiError error = ErrorCode.INTERNAL.error("internal error", "see the daemon's log for details");
        Task.run("a request", work, bug -> end(request, HttpResponseStatus.INTERNAL_SERVER_ERROR, error));
    }

    private void handle(Exchange exchange) {
        try {
            RouteTable.Match match = routes.find(exchange.method(), exchange.path());
            if (!match.streamsBody()) {
                exchange.receive(share);
            }
            exchange.named(match.names());
            match.handler().handle(exchange);
        } catch (ApiException refusal) {
            counters.add(Count.REFUSED, 1, "code", refusal.error().code());
            exchange.answer(refusal.status(), refusal.error());
        } catch (IOException left) {
            LOG.log(Level.DEBUG, exchange.method() + " " + exchange.path() + ": " + left.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.release();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            server.shutdown(0, TimeUnit.SECONDS)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(CLOSING_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException late) {
            LOG.log(Level.DEBUG, "the API server did not stop in time: " + late.getCause());
        }
        Files.deleteIfExists(socket);
    }

    /**
     * Vert.x gives a connection away for a GET only, and the contract's upgrades are POSTs. So a POST that asks for
     * {@code aegis-stream} is shown to Vert.x as a GET; {@link Exchange#method} shows it as the POST that it was.
     */
    private static final class StreamUpgrade extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request
                    && request.method().equals(HttpMethod.POST)
                    && Routes.STREAM_PROTOCOL.equalsIgnoreCase(request.headers().get(HttpHeaderNames.UPGRADE))) {
                request.setMethod(HttpMethod.GET);
            }
            context.fireChannelRead(message);
        }
    }
}
