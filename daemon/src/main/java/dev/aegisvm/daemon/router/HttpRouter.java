package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.PublicPorts.HttpState;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable.Route;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.HostError;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.GenericFutureListener;
import io.vertx.core.*;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.*;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.*;
import io.vertx.httpproxy.*;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP port for all instances: a reverse proxy that wakes the instance and sends the request to its first exposed
 * port. A header names the instance; without it, the only instance is meant.
 */
public final class HttpRouter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HttpRouter.class.getName());
    private static final String ADDRESS = "127.0.0.1";
    private static final String RETRY_AFTER_SECONDS = "3";
    private static final int MAX_AT_ONCE = 4096;
    /** The limit of the request line, and of all headers together; common servers have no higher one. */
    static final int MAX_HEAD = 65_536;

    /** Of a request and its answer, between the client and the guest. */
    private static final Cost PASSING = new Cost(64 << 10, 0);

    private static final char DELETE = 0x7f;
    private static final long CLOSING_SECONDS = 5;
    private static final long FIRST_PAUSE_SECONDS = 1;
    private static final long MAX_PAUSE_SECONDS = 8;

    private final Vertx vertx;
    private final Context loop;
    private final Clients.Port clients;
    private final ForeignBudget.Share share;
    private final Function<Optional<String>, Route> routes;
    private final HttpServerOptions options = new HttpServerOptions()
            .setAcceptBacklog(Listener.BACKLOG)
            .setMaxInitialLineLength(MAX_HEAD)
            .setMaxHeaderSize(MAX_HEAD)
            .setHandle100ContinueAutomatically(true)
            .setHttp2ClearTextEnabled(false);
    private @Nullable Guests guests;
    private final List<HttpServer> servers = new ArrayList<>();

    private boolean closed;

    /**
     * A router that does not listen yet.
     *
     * @param clients of all ports; ours cost two descriptors each, since each has a connection to a port of an instance
     * @param share what clients may make the daemon hold before their requests go to an instance
     * @param routes where a request goes that names this instance, or none; throws an {@link ApiException} that says
     *     why it goes nowhere; does not block
     */
    public HttpRouter(
            Vertx vertx, Clients clients, ForeignBudget.Share share, Function<Optional<String>, Route> routes) {
        this.vertx = vertx;
        // Not the API's, which must answer every client here.
        this.loop = ((VertxInternal) vertx).createEventLoopContext();
        this.clients = clients.port(2, false);
        this.share = share;
        this.routes = routes;
    }

    /**
     * Listens from now on, for 0 on any port that is free. When another program has the port, that is logged, and the
     * port is tried again until it is free or the router is closed. {@code state} is told of each change. Returns after
     * the first try.
     */
    public void listen(int port, Consumer<HttpState> state) {
        listen(port, state, FIRST_PAUSE_SECONDS);
    }

    private synchronized void listen(int port, Consumer<HttpState> state, long pause) {
        if (closed) {
            return;
        }
        int number = port;
        try {
            for (InetAddress address : Listener.loopback()) {
                number = bind(address, number);
            }
            state.accept(new HttpState(Optional.of(ADDRESS + ":" + number), Optional.empty()));
        } catch (IOException | CompletionException obstacle) {
            // With one address alone, clients would reach us or another program, as they resolve localhost.
            servers.forEach(HttpServer::close);
            servers.clear();
            String sentence = "cannot listen on port " + number + " ("
                    + HostError.reason(Objects.requireNonNullElse(obstacle.getCause(), obstacle))
                    + "): stop the program that uses it, or set router_addr to another address";
            LOG.log(pause == FIRST_PAUSE_SECONDS ? Level.WARNING : Level.DEBUG, "the HTTP router " + sentence);
            state.accept(new HttpState(Optional.empty(), Optional.of(sentence)));
            CompletableFuture.delayedExecutor(pause, TimeUnit.SECONDS, Thread::startVirtualThread)
                    .execute(() -> listen(port, state, Math.min(2 * pause, MAX_PAUSE_SECONDS)));
        }
    }

    /** Listens on an address; returns the port, another one than was given for 0. */
    private int bind(InetAddress address, int port) {
        HttpServer candidate = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .requestHandler(request -> Task.run("http-router", () -> receive(request), bug -> broken(request)));
        CompletableFuture<HttpServer> bound = new CompletableFuture<>();
        loop.runOnContext(now -> candidate
                .listen(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
                .onComplete(bound::complete, bound::completeExceptionally));
        servers.add(bound.join());
        return candidate.actualPort();
    }

    private void connected(HttpConnection connection) {
        ChannelHandlerContext channel = channel(connection);
        RouterClient.Crowd.watch(channel.channel().parent(), clients);
        RouterClient client = new RouterClient(channel.channel(), clients, share);
        StrictRequestDecoder decoder = new StrictRequestDecoder(options, client::hasRoomFor);
        channel.pipeline().replace(StrictRequestDecoder.NAME, StrictRequestDecoder.NAME, decoder);
        channel.pipeline().addBefore(channel.name(), "aegis-client", client);
    }

    private static ChannelHandlerContext channel(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext();
    }

    private static void broken(HttpServerRequest request) {
        answer(request, ErrorCode.INTERNAL.status(), ErrorCode.INTERNAL.error("internal error"));
        request.connection().close();
    }

    /** On the event loop: checks the request, then waits for its instance on a thread that may block. */
    private void receive(HttpServerRequest request) {
        try {
            check(request);
            checkPage(request);
        } catch (ApiException refusal) {
            answer(request, refusal.status(), refusal.error());
            request.connection().close();
            return;
        }
        request.pause();
        Context context = vertx.getOrCreateContext();
        try {
            Route routed = routes.apply(Optional.ofNullable(request.getHeader(HopByHop.INSTANCE)));
            Task.start(
                    "http-router",
                    () -> wake(routed, request, context),
                    bug -> context.runOnContext(now -> broken(request)));
        } catch (ApiException nowhere) {
            unavailable(request, nowhere);
        }
    }

    private static void check(HttpServerRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
        if (hosts.size() != 1 || !AllowedHosts.allows(hosts.getFirst()) || request.authority() == null) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "the Host header of a request to the router must be localhost, 127.0.0.1 or [::1], not '"
                            + String.join(", ", hosts) + "'");
        }
        if (request.headers().getAll(HopByHop.INSTANCE).size() > 1) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a request must name one instance in " + HopByHop.INSTANCE + ", not several");
        }
        boolean star = request.uri().equals("*") && HttpMethod.OPTIONS.equals(request.method());
        boolean control = request.uri().chars().anyMatch(c -> c < ' ' || c == DELETE);
        if (control || (!star && !request.uri().startsWith("/"))) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "the request target must begin with / and have no control characters, not " + request.uri());
        }
        List<String> encodings = request.headers().getAll("Transfer-Encoding");
        boolean chunked = encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked");
        if (!encodings.isEmpty() && (!chunked || request.headers().contains("Content-Length"))) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a request must have one length: either Transfer-Encoding: chunked or one Content-Length");
        }
    }

    /** A web page of another site may lead its user here by a link, and do nothing else. */
    private static void checkPage(HttpServerRequest request) {
        MultiMap headers = request.headers();
        List<String> origins = headers.getAll(HttpHeaders.ORIGIN);
        boolean ours = origins.isEmpty()
                ? !"cross-site".equals(headers.get("Sec-Fetch-Site"))
                : origins.stream().allMatch(AllowedHosts::allowsOrigin);
        boolean link = HttpMethod.GET.equals(request.method())
                && "navigate".equals(headers.get("Sec-Fetch-Mode"))
                && Set.of("document").containsAll(headers.getAll("Sec-Fetch-Dest"));
        if (!ours && !link) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "web pages of other sites are not allowed to use the router",
                    "open the address itself, or send the request from a page on localhost");
        }
    }

    private void wake(Route routed, HttpServerRequest request, Context context) {
        long since = System.nanoTime();
        boolean asleep = !routed.instance().runs();
        try (Connections.Client use = routed.instance().connections().arrived()) {
            routed.instance().awake("a request to the HTTP router", GuestPort.LIMIT);
            ForeignBudget.Hold hold = routed.instance()
                    .connections()
                    .share()
                    .hold(PASSING, GuestPort.LIMIT)
                    .orElseThrow(() -> ErrorCode.HOST_MEMORY_LOW.refusal(
                            "requests to this instance have reached their limit of the daemon's memory",
                            "try again in a moment"));
            use.connected();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
            Runnable passOn = () -> {
                RouterClient.of(channel(request.connection()).channel()).passes(hold);
                if (asleep) {
                    request.response().putHeader(HopByHop.WAKE_MS, Long.toString(millis));
                }
                proxy(routed).handle(request);
            };
            context.runOnContext(now -> Task.run("http-router", passOn, bug -> broken(request)));
        } catch (ApiException failed) {
            routed.instance().log("a request to the HTTP router was refused: " + failed.getMessage());
            context.runOnContext(now -> unavailable(request, failed));
        }
    }

    private HttpProxy proxy(Route routed) {
        Guests known = guests == null ? Guests.of(vertx) : guests;
        guests = known;
        return HttpProxy.reverseProxy(known.once())
                .origin(context -> known.request(context, routed))
                .addInterceptor(new HopByHop(), true);
    }

    /**
     * The clients that talk to guests.
     *
     * @param once closes its connection after each answer: an idle one would be broken by each stop, in the moment in
     *     which it is used
     * @param upgrading leaves the header alone by which a WebSocket begins, and never takes one that is open for idle
     */
    private record Guests(HttpClient once, HttpClient upgrading) {
        static Guests of(Vertx vertx) {
            PoolOptions pool = new PoolOptions().setHttp1MaxSize(MAX_AT_ONCE);
            HttpClientOptions options = new HttpClientOptions().setMaxHeaderSize(MAX_HEAD);
            return new Guests(
                    vertx.createHttpClient(new HttpClientOptions(options).setKeepAlive(false), pool),
                    vertx.createHttpClient(options.setKeepAliveTimeout(0), pool));
        }

        Future<HttpClientRequest> request(ProxyContext context, Route routed) {
            HostAndPort asked = context.request().proxiedRequest().authority();
            return (context.isWebSocket() ? upgrading : once)
                    .request(new RequestOptions()
                            .setServer(SocketAddress.inetSocketAddress(routed.publicPort(), ADDRESS))
                            .setHost(asked.host())
                            .setPort(asked.port()))
                    .compose(request -> wanted(context, request));
        }

        /**
         * When the client leaves, its request must not stay open for as long as the guest likes; that would keep it
         * awake. Its channel tells, also of an end that came already: a connection that was closed for what follows a
         * request does not.
         */
        private static Future<HttpClientRequest> wanted(ProxyContext context, HttpClientRequest request) {
            HttpServerRequest asked = context.request().proxiedRequest();
            var left = channel(asked.connection()).channel().closeFuture();
            if (left.isDone()) {
                request.connection().close();
                return Future.failedFuture("the client disconnected");
            }
            GenericFutureListener<io.netty.util.concurrent.Future<Void>> leave =
                    end -> request.connection().close();
            left.addListener(leave);
            request.connection().closeHandler(end -> left.removeListener(leave));
            return Future.succeededFuture(request);
        }
    }

    private static void unavailable(HttpServerRequest request, ApiException reason) {
        request.response().putHeader("Retry-After", RETRY_AFTER_SECONDS);
        answer(request, ErrorCode.SHUTTING_DOWN.status(), reason.error());
    }

    private static void answer(HttpServerRequest request, int status, ApiError error) {
        HttpServerResponse response = request.response();
        request.resume();
        if (!response.ended() && !response.closed() && !response.headWritten()) {
            response.setStatusCode(status).putHeader("Content-Type", "application/json");
            var _ = response.end(Buffer.buffer(ApiJson.write(error)));
        }
    }

    @Override
    public void close() {
        List<HttpServer> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(servers);
        }
        try {
            Future.all(open.stream()
                            .map(server -> server.shutdown(0, TimeUnit.SECONDS))
                            .toList())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(CLOSING_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException late) {
            LOG.log(Level.DEBUG, "the HTTP router did not stop in time: " + late.getCause());
        }
    }
}
