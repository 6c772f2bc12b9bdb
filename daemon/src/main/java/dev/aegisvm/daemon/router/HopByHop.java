package dev.aegisvm.daemon.router;

import module java.base;
import io.vertx.core.*;
import io.vertx.core.http.*;
import io.vertx.core.net.NetSocket;
import io.vertx.httpproxy.*;

/**
 * Removes what is meant for one connection only (RFC 9110, 7.6.1), where the proxy does not: headers that {@code
 * Connection} names, and the usual ones in answers. Joins the two ends of a WebSocket so that each end holds back the
 * other. An answer whose status is none, or that switches protocols unasked, is the guest's failure. Our own headers
 * are between the client and us.
 */
final class HopByHop implements ProxyInterceptor {
    /** In a request: the instance that it is for. */
    static final String INSTANCE = "X-Aegis-Instance";
    /** In an answer that waited for the instance to wake: how long that took, in milliseconds. */
    static final String WAKE_MS = "X-Aegis-Wake-Ms";

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_FINAL = 200;
    private static final int LAST_FINAL = 599;
    private static final List<String> OF_ONE_CONNECTION = List.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade");

    @Override
    public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
        if (!context.isWebSocket()) {
            removeNamed(context.request().headers());
        }
        context.request().headers().remove(INSTANCE);
        context.request().headers().remove(HttpHeaders.EXPECT);
        return context.sendRequest();
    }

    @Override
    public Future<Void> handleProxyResponse(ProxyContext context) {
        MultiMap headers = context.response().headers();
        headers.remove(WAKE_MS);
        int status = context.response().getStatusCode();
        boolean joins = context.isWebSocket() && "websocket".equalsIgnoreCase(headers.get(HttpHeaders.UPGRADE));
        if (joins && status == SWITCHING_PROTOCOLS) {
            return join(context);
        }
        if (status < FIRST_FINAL || status > LAST_FINAL) {
            context.response().setStatusMessage("Bad Gateway");
            context.response().proxiedResponse().request().reset();
            return Future.failedFuture("the guest answered with status " + status);
        }
        removeNamed(headers);
        OF_ONE_CONNECTION.forEach(headers::remove);
        return context.sendResponse();
    }

    private static void removeNamed(MultiMap headers) {
        headers.getAll(HttpHeaders.CONNECTION).stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty() && !name.equals("connection"))
                .forEach(headers::remove);
    }

    private static Future<Void> join(ProxyContext context) {
        HttpClientResponse answer = context.response().proxiedResponse();
        HttpServerResponse response = context.request().proxiedRequest().response();
        response.setStatusCode(SWITCHING_PROTOCOLS);
        response.headers().addAll(context.response().headers());
        NetSocket guest = answer.netSocket();
        guest.pause();
        return context.request().proxiedRequest().toNetSocket().map(client -> {
            client.pipeTo(guest).onComplete(end -> guest.close());
            guest.pipeTo(client).onComplete(end -> client.close());
            return null;
        });
    }
}
