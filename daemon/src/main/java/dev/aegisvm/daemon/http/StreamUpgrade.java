package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Routes;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;

/**
 * Vert.x gives a connection away for a GET only, and the contract's upgrades are POSTs. So a POST that asks for
 * {@code aegis-stream} is shown to Vert.x as a GET; {@link Exchange#method} shows it as the POST that it was.
 */
final class StreamUpgrade extends ChannelInboundHandlerAdapter {
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
