package dev.aegisvm.daemon.router;

import module java.base;
import io.netty.buffer.*;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.*;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Decodes requests, and none whose end two readers may see at different places (RFC 9112, 6.3 and 7.1): with a
 * Content-Length beside a Transfer-Encoding, of which the usual decoder silently drops the first, or with a chunk so
 * large that it would take the size for another one. Two lengths it refuses by itself.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    /** Its place among the handlers of a connection, as Vert.x names it. */
    static final String NAME = "httpDecoder";

    /** The digits of a chunk's size, after all that a decoder may skip before them. */
    private static final Pattern SIZE = Pattern.compile("(?s)[^0-9a-fA-F]*0*([0-9a-fA-F]*).*");

    /** The decoder counts in 32 bits. */
    private static final int MAX_DIGITS = 7;

    private static final int LINE_END = 2;
    private static final int NO_CHUNKS = -1;

    /** How many bytes come before the next line with a chunk's size. */
    private int left = NO_CHUNKS;

    private int head;

    private final IntPredicate room;

    /** @param room whether there is memory for a head of so many bytes */
    StrictRequestDecoder(HttpServerOptions options, IntPredicate room) {
        super(options);
        this.room = room;
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        int line = left == 0 ? bytes.bytesBefore((byte) '\n') + 1 : 0;
        if (line > 0) {
            String text = bytes.toString(bytes.readerIndex(), line, StandardCharsets.ISO_8859_1);
            String size = SIZE.matcher(text).replaceFirst("$1");
            if (size.length() > MAX_DIGITS) {
                // The decoder refuses this, and all that follows.
                bytes.skipBytes(bytes.readableBytes());
                super.decode(context, Unpooled.copiedBuffer("too large\r\n", StandardCharsets.US_ASCII), out);
                return;
            }
            left = size.isEmpty() ? NO_CHUNKS : line + HexFormat.fromHexDigits(size) + LINE_END;
        }
        int before = bytes.readableBytes();
        super.decode(context, bytes, out);
        int taken = before - bytes.readableBytes();
        if (left > 0) {
            left -= taken;
        }
        head = out.isEmpty() ? head + taken : 0;
        if (!room.test(head + bytes.readableBytes())) {
            throw new TooLongFrameException("the daemon's memory for request headers is in use by other requests");
        }
        if (!out.isEmpty() && out.getLast() instanceof HttpRequest request) {
            left = HttpUtil.isTransferEncodingChunked(request) ? 0 : NO_CHUNKS;
        }
    }
}
