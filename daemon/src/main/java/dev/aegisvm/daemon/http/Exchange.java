package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.BodyType.BodyForm;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.task.Task;
import io.vertx.core.*;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.*;
import io.vertx.core.http.impl.HttpServerConnection;
import org.jspecify.annotations.Nullable;

/** One request and its answer, for a thread that may block; its event loop does what touches the connection. */
final class Exchange {
    /** What a command and its environment can need; the guest's kernel takes less. */
    private static final int MAX_BODY = 4 * 1024 * 1024;

    private final Context context;
    private final HttpServerRequest request;
    private final ClientInput content;
    private byte[] body = new byte[0];
    private List<String> names = List.of();
    private final List<Runnable> releases = new ArrayList<>();
    /** The connection after {@link #follow}. */
    private volatile @Nullable StreamClient stream;

    Exchange(Context context, HttpServerRequest request, ClientInput content) {
        this.context = context;
        this.request = request;
        this.content = content;
    }

    /** Reads the whole body, for which the share has room until the request has been handled. */
    void receive(ForeignBudget.Share share) throws IOException {
        Optional<ForeignBudget.Hold> hold = share.hold(new Cost(bodyLength(), 0));
        hold.ifPresent(each -> holds(each::close));
        body = content.readNBytes(hold.isPresent() ? MAX_BODY : 0);
        // A client that is refused reads the answer when it has sent all.
        if (body.length + content.transferTo(OutputStream.nullOutputStream()) > MAX_BODY) {
            throw ErrorCode.TOO_LARGE.refusal("a request body must be at most " + MAX_BODY + " bytes");
        }
        if (hold.isEmpty()) {
            throw ErrorCode.HOST_MEMORY_LOW.refusal(
                    "the daemon's memory for request bodies is in use by other requests", "try again in a moment");
        }
    }

    /** At most; in bytes. */
    private long bodyLength() {
        String length = request.headers().contains("Transfer-Encoding")
                ? Long.toString(MAX_BODY)
                : request.getHeader("Content-Length");
        return length == null ? 0 : Math.min(Long.parseLong(length), MAX_BODY);
    }

    /** The method that the client sent; {@link ApiServer} shows some as GET. */
    String method() {
        return asksForStream() ? "POST" : request.method().name();
    }

    String path() {
        return request.path() == null ? "" : request.path();
    }

    boolean asksForStream() {
        return Routes.STREAM_PROTOCOL.equalsIgnoreCase(request.getHeader("Upgrade"));
    }

    void needStream() {
        if (!asksForStream()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "attach needs the headers Connection: Upgrade and Upgrade: aegis-stream");
        }
    }

    void named(List<String> found) {
        names = found;
    }

    InstanceRef ref() {
        return new InstanceRef(name(0));
    }

    String name(int index) {
        return names.get(index);
    }

    /** Keeps what the request needs of an instance until it has been handled. */
    Processes.Target hold(Processes.Target target) {
        holds(target::close);
        return target;
    }

    /** Does this when it has been handled. */
    void holds(Runnable release) {
        releases.add(release);
    }

    void release() {
        releases.forEach(Runnable::run);
        releases.clear();
    }

    /** A parameter of the query that is there and not empty. */
    Optional<String> query(String key) {
        return Optional.ofNullable(parameter(key)).filter(value -> !value.isEmpty());
    }

    /** A parameter of the query as often as it is given. */
    List<String> queries(String key) {
        return parameter(key) == null ? List.of() : request.params().getAll(key);
    }

    private @Nullable String parameter(String key) {
        try {
            return request.getParam(key);
        } catch (IllegalArgumentException malformed) {
            throw ErrorCode.BAD_REQUEST.refusal("invalid query string: " + malformed.getMessage(), malformed);
        }
    }

    /** A number of the query, 0 to {@code max}, if it is there; a refusal says that it must be {@code what}. */
    Optional<Long> number(String key, int radix, long max, String what) {
        Optional<String> given = query(key);
        try {
            Optional<Long> number = given.map(text -> Long.parseLong(text, radix));
            if (number.filter(value -> value < 0 || value > max).isEmpty()) {
                return number;
            }
        } catch (NumberFormatException mistake) {
            // Told below, with the same sentence.
        }
        throw ErrorCode.BAD_REQUEST.refusal(key + " must be " + what + ", not '" + given.orElse("") + "'");
    }

    /** The age of {@code older_than}, if it is there. */
    Optional<Duration> age() {
        return query("older_than").map(text -> LooseDuration.parse("older_than", text));
    }

    /** Whether a query parameter is set: {@code follow}, {@code follow=1}, {@code follow=true}. */
    boolean flag(String key) {
        String value = parameter(key);
        if (value == null) {
            return false;
        }
        return switch (value) {
            case "", "1", "true", "yes" -> true;
            case "0", "false", "no" -> false;
            default -> throw ErrorCode.BAD_REQUEST.refusal(key + " must be true or false");
        };
    }

    <Q> Q body(Route<Q, ?> route) {
        return ApiJson.request(route.request(), body);
    }

    /** The body of a route that {@link Route#streamsBody}. */
    InputStream content() {
        return content;
    }

    /** The body as a record of the API; one without any field where there is none, or {@code null}. */
    <Q> Q optionalBody(Route<Q, ?> route) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        boolean given = !text.isEmpty() && !text.equals("null");
        return ApiJson.request(route.request(), given ? body : "{}".getBytes(StandardCharsets.UTF_8));
    }

    /** Does something if the connection ends before the answer is on its way; does not block. */
    void whenUnanswered(Runnable action) {
        HttpServerResponse response = request.response();
        context.runOnContext(now -> {
            if (response.closed()) {
                action.run();
            } else {
                response.closeHandler(gone -> action.run());
            }
        });
    }

    /** Undoes what was made, if the connection ends before the answer is on its way; may block. */
    void orUndo(Runnable undoing) {
        whenUnanswered(() -> Task.start("undo " + path(), undoing, _ -> {}));
    }

    void answer(int status, Record value) {
        answer(status, ApiJson.write(value));
    }

    void answer(int status, byte[] json) {
        context.runOnContext(now -> {
            HttpServerResponse response = request.response();
            if (!response.ended() && !response.closed() && !response.headWritten()) {
                response.setStatusCode(status).putHeader("Content-Type", "application/json");
                end(response, Buffer.buffer(json));
            }
        });
    }

    /** A bug stands in the way of the answer. A client that has a part of it is told by the end of the connection. */
    void broken() {
        ApiError error = ErrorCode.INTERNAL.error("internal error", "see the daemon's log for details");
        StreamClient client = stream;
        if (client != null) {
            client.failed(error);
            return;
        }
        answer(ErrorCode.INTERNAL.status(), error);
        context.runOnContext(now -> {
            if (!request.response().ended()) {
                request.connection().close();
            }
        });
    }

    /** A client that still sends what is not needed any more is told by the end of the connection. */
    private void end(HttpServerResponse response, Buffer answer) {
        if (content.received()) {
            response.end(answer);
            return;
        }
        response.putHeader("Connection", "close")
                .end(answer)
                .onComplete(sent -> request.connection().close());
    }

    ByteAnswer bytes(Route<?, ?> route) {
        return bytes(route.answer().form());
    }

    ByteAnswer bytes(BodyForm form) {
        HttpServerResponse response = request.response();
        ByteAnswer answer = new ByteAnswer(context, response, (HttpServerConnection) request.connection());
        call(() -> {
            response.setStatusCode(200).setChunked(true).putHeader("Content-Type", form.contentType());
            response.closeHandler(gone -> answer.close());
            response.exceptionHandler(broken -> answer.close());
            return response.writeHead();
        });
        return answer;
    }

    /** Answers 101, takes the connection over, and has its client follow a process to the end. */
    void follow(Function<StreamClient, ProcessExit> process) {
        boolean masked = flag("mask");
        StreamClient client = call(() -> {
            request.response().putHeader("Connection", "Upgrade").putHeader("Upgrade", Routes.STREAM_PROTOCOL);
            return request.toNetSocket().map(socket -> new StreamClient(context, socket, masked));
        });
        stream = client;
        client.follow(() -> process.apply(client));
    }

    private <T> T call(Supplier<Future<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable begin = () -> work.get().onComplete(result::complete, result::completeExceptionally);
        context.runOnContext(now -> Task.run("answer", begin, result::completeExceptionally));
        try {
            return result.join();
        } catch (CompletionException gone) {
            throw ErrorCode.INTERNAL.refusal("the connection broke: " + gone.getCause(), gone);
        }
    }
}
