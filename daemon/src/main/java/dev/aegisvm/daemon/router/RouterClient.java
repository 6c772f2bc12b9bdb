package dev.aegisvm.daemon.router;

import io.netty.channel.*;
import io.netty.handler.codec.http.*;
import java.util.concurrent.TimeUnit;

/** A client's connection to the HTTP router: sees when a request is whole, and when it has been answered. */
final class RouterClient extends ChannelDuplexHandler implements Clients.Connection {
    private final Channel channel;
    private final Clients.Port clients;
    private long whole;
    private long answered;

    RouterClient(Channel channel, Clients.Port clients) {
        this.channel = channel;
        this.clients = clients;
        clients.arrived(this);
        var _ = channel.closeFuture().addListener(closed -> clients.left(this));
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
