package dev.aegisvm.daemon.router;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;

/** A client's connection to the HTTP router: sees when a request is whole, and when it has been answered. */
final class RouterClient extends ChannelDuplexHandler implements Clients.Connection {
    /** Netty accepts that many before it looks whether it should. */
    private static final int AT_ONCE = 16;

    private final Channel channel;
    private final Clients.Port clients;
    private long whole;
    private long answered;

    RouterClient(Channel channel, Clients.Port clients) {
        this.channel = channel;
        this.clients = clients;
        if (!clients.arrived(this)) {
            pause(channel.parent());
        }
        var _ = channel.closeFuture().addListener(closed -> clients.left(this));
    }

    private static void pause(Channel server) {
        server.config().setAutoRead(false);
        var _ = server.eventLoop()
                .schedule(
                        () -> server.config().setAutoRead(true),
                        AT_ONCE * Clients.PAUSE.toNanos(),
                        TimeUnit.NANOSECONDS);
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
