package dev.aegisvm.daemon.router;

import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Decodes requests, and none whose end two readers may see at different places (RFC 9112, 6.3): with a Content-Length beside
 * a Transfer-Encoding, of which the usual decoder silently drops the first. Two lengths it refuses by itself.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    /** Its place among the handlers of a connection, as Vert.x names it. */
    static final String NAME = "httpDecoder";

    StrictRequestDecoder(HttpServerOptions options) {
        super(options);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("Content-Length beside Transfer-Encoding");
    }
}
