package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import io.netty.channel.*;
import io.netty.handler.codec.http.*;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/** A client's connection to the HTTP router: sees when a request is whole, and when it has been answered. */
final class RouterClient extends ChannelDuplexHandler implements Clients.Connection {
    /** Its place in the server, and a usual head; its descriptor is counted among the {@link Clients}. */
    private static final Cost COST = new Cost(16 << 10, 0);

    private static final int USUAL_HEAD = 4096;
    /** Texts of short headers become so much larger in memory. */
    private static final int FACTOR = 24;

    private static final AttributeKey<RouterClient> KEY = AttributeKey.valueOf(RouterClient.class, "of");

    private final Channel channel;
    private final Clients.Port clients;
    private final ForeignBudget.Hold costs;
    private ForeignBudget.@Nullable Hold request;
    private int head = USUAL_HEAD;
    private long whole;
    private long answered;

    RouterClient(Channel channel, Clients.Port clients, ForeignBudget.Share share) {
        this.channel = channel;
        this.clients = clients;
        this.costs = share.hold();
        channel.attr(KEY).set(this);
        clients.arrived(this);
        boolean fits = costs.take(COST);
        var _ = channel.closeFuture().addListener(closed -> left());
        if (!fits) {
            clients.oldestLeaves();
            abort();
        } else if (clients.isCrowded()) {
            channel.config().setOption(ChannelOption.SO_SNDBUF, Clients.SMALL_BUFFER);
            channel.config().setOption(ChannelOption.SO_RCVBUF, Clients.SMALL_BUFFER);
        }
    }

    /** That of a connection, also when it is closed. */
    static RouterClient of(Channel channel) {
        return channel.attr(KEY).get();
    }

    private void left() {
        clients.left(this);
        costs.close();
        handled();
    }

    /** Whether there is memory for the head of a request that has so many bytes already. */
    boolean hasRoomFor(int bytes) {
        int more = Math.max(0, bytes - head);
        head += more;
        return more == 0 || costs.take(new Cost((long) more * FACTOR, 0));
    }

    /** A request goes to a guest; what that makes us hold is given back when it has been answered. */
    void passes(ForeignBudget.Hold hold) {
        handled();
        request = hold;
        if (!channel.isOpen()) {
            handled();
        }
    }

    private void handled() {
        if (request != null) {
            request.close();
            request = null;
        }
    }

    /** Where clients are accepted: a full port waits between one batch of them and the next. */
    static final class Crowd extends ChannelInboundHandlerAdapter {
        /** Netty accepts that many before it looks whether it should. */
        private static final int BATCH = 16;

        private final Clients.Port clients;

        private Crowd(Clients.Port clients) {
            this.clients = clients;
        }

        /** In a server's pipeline; does nothing if there is one. */
        static void watch(Channel server, Clients.Port clients) {
            if (server.pipeline().get(Crowd.class) == null) {
                server.pipeline().addFirst(new Crowd(clients));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object client) {
            context.fireChannelRead(client);
            Channel server = context.channel();
            if (clients.isFull() && server.config().isAutoRead()) {
                server.config().setAutoRead(false);
                long pause = BATCH * Clients.PAUSE.toMillis();
                var _ = server.eventLoop()
                        .schedule(() -> server.config().setAutoRead(true), pause, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof LastHttpContent) {
            whole++;
            // A refusal does not wait for the end of its request.
            if (whole > answered) {
                clients.asked(this);
            }
        } else if (message instanceof HttpObject && whole <= answered) {
            clients.quiet(this);
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse head && head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            // A WebSocket is one answer without end.
            whole = head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS) ? Long.MAX_VALUE : whole;
        } else if (message instanceof LastHttpContent) {
            answered++;
            if (answered >= whole) {
                handled();
                clients.quiet(this);
            }
        }
        var _ = context.write(message, promise);
    }

    @Override
    public void abort() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        var _ = channel.close();
    }

    @Override
    public boolean heldUp() {
        return !channel.config().isAutoRead();
    }
}
