package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.BodyType.BodyForm;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.exec.*;
import dev.aegisvm.daemon.instance.*;

/** Execs, in both their forms: byte streams and log entries. */
final class ExecHandler {
    private static final int MAX_SIGNAL = 64;
    /** Of a piece of an output, in bytes. */
    private static final long MAX_LENGTH = 1 << 20;

    private static final long MAX_WAIT_MS = 600_000;
    private static final int OUR_FAILURE = 125;

    private final Processes processes;

    ExecHandler(Processes processes) {
        this.processes = processes;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.EXEC, this::exec);
        routes.answer(Routes.EXECS, exchange -> processes.list(exchange.ref(), exchange.flag("all")));
        routes.answer(Routes.GET_EXEC, exchange -> found(exchange).view());
        routes.serve(Routes.READ_EXEC, this::read);
        routes.serve(Routes.ATTACH_EXEC, this::attach);
        routes.serve(Routes.WRITE_EXEC, this::write);
        routes.act(Routes.RESIZE_EXEC, "resized", exchange -> {
            TerminalSize size = exchange.body(Routes.RESIZE_EXEC);
            awake(exchange).resize(size);
        });
        routes.answer(Routes.KILL_EXEC, exchange -> {
            int signal = exchange.number("signal", 10, MAX_SIGNAL, "a number, 1.." + MAX_SIGNAL)
                    .orElse(0L)
                    .intValue();
            processes.kill(exchange.ref(), exchange.name(1), signal);
            return new ActionView(signal == 0 ? "killed" : "signalled");
        });
    }

    private Exec found(Exchange exchange) {
        return processes.find(exchange.ref(), exchange.name(1));
    }

    /** One that a paused instance goes on for. */
    private Exec awake(Exchange exchange) {
        Exec exec = found(exchange);
        exchange.hold(processes.target(exchange.ref()));
        return exec;
    }

    private void read(Exchange exchange) throws InterruptedException {
        Exec exec = found(exchange);
        LogStream stream = exchange.query("stream").map(ExecHandler::stream).orElse(LogStream.STDOUT);
        int length = (int) (long) number(exchange, "length", MAX_LENGTH).orElse(MAX_LENGTH);
        Exec.Wanted wanted =
                new Exec.Wanted(stream, cursor(exchange, "cursor").orElse(0L), length, exchange.flag("mask"));
        Duration patience =
                Duration.ofMillis(number(exchange, "wait_ms", MAX_WAIT_MS).orElse(0L));
        CompletableFuture<Void> left = new CompletableFuture<>();
        exchange.whenUnanswered(() -> left.completeAsync(() -> null));
        exchange.answer(200, exec.read(wanted, patience, left));
    }

    private static LogStream stream(String word) {
        return switch (word) {
            case "stdout" -> LogStream.STDOUT;
            case "stderr" -> LogStream.STDERR;
            default -> throw ErrorCode.BAD_REQUEST.refusal("stream must be stdout or stderr, not '" + word + "'");
        };
    }

    private static Optional<Long> cursor(Exchange exchange, String key) {
        return number(exchange, key, Long.MAX_VALUE / 2);
    }

    private static Optional<Long> number(Exchange exchange, String key, long max) {
        return exchange.number(key, 10, max, "a number, 0.." + max);
    }

    private void attach(Exchange exchange) {
        Exec exec = found(exchange);
        Optional<Long> stdout = cursor(exchange, "stdout");
        Optional<Long> stderr = cursor(exchange, "stderr");
        exchange.needStream();
        exchange.follow(client -> exec.show(client, stdout, stderr));
    }

    private void write(Exchange exchange) throws IOException {
        boolean last = exchange.flag("end");
        awake(exchange).write(exchange.content(), last);
        exchange.answer(200, new ActionView("written"));
    }

    private void exec(Exchange exchange) throws IOException {
        ExecRequest request = exchange.body(Routes.EXEC);
        check(request, exchange.asksForStream());
        String execId = InstanceSpec.newName("exec-");
        Processes.Target target = exchange.hold(processes.target(exchange.ref()));
        if (Boolean.TRUE.equals(request.detach())) {
            exchange.answer(200, processes.detach(target, execId, request));
        } else if (exchange.asksForStream()) {
            exchange.follow(client -> processes.exec(target, execId, request, client));
        } else {
            lines(exchange, target, execId, request);
        }
    }

    private static void check(ExecRequest request, boolean stream) {
        Environment.checkCommand(request.command());
        Environment.checkEnv(request.env());
        Environment.checkFits(request.command(), request.env());
        if (stream && (request.stdin() != null || Boolean.TRUE.equals(request.detach()))) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'stdin' and 'detach' cannot be used with aegis-stream",
                    "send stdin in frames; leave the header Upgrade out to detach");
        }
        if (request.session() != null && request.tty() != null) {
            throw ErrorCode.BAD_REQUEST.refusal("'session' and 'tty' cannot be used together");
        }
        Optional.ofNullable(request.session()).ifPresent(ProcessSpecs::checkSession);
        Optional.ofNullable(request.user()).filter(user -> !user.isEmpty()).ifPresent(Environment::checkUser);
        Optional.ofNullable(request.cwd()).ifPresent(Environment::checkCwd);
        Optional.ofNullable(request.timeoutMs()).ifPresent(Environment::checkTimeout);
    }

    private void lines(Exchange exchange, Processes.Target target, String execId, ExecRequest request)
            throws IOException {
        ByteAnswer lines = exchange.bytes(BodyForm.LINES);
        lines.line(ApiJson.write(new ExecStarted(execId, Instant.now(), null)));
        ExecDone done;
        try {
            ProcessExit exit = processes.exec(target, execId, request, new LinesClient(lines));
            String error = Boolean.TRUE.equals(exit.timedOut()) ? "timed out, killed" : null;
            done = new ExecDone(execId, exit.exitCode(), true, error);
        } catch (ApiException refusal) {
            ApiError error = refusal.error();
            int code = Objects.requireNonNullElse(error.exitCode(), OUR_FAILURE);
            done = new ExecDone(execId, code, true, error.error());
        }
        lines.line(ApiJson.write(done));
        lines.end();
    }

    /** Gets log entries, line by line, and nothing else. Its process is killed when it leaves. */
    private record LinesClient(ByteAnswer lines) implements ProcessClient {
        @Override
        public void whenLeft(Runnable action) {
            lines.whenLeft(action);
        }

        @Override
        public void entries(List<byte[]> entries) {
            try {
                for (byte[] entry : entries) {
                    lines.line(entry);
                }
            } catch (IOException left) {
                // Those to whom it matters hear of it by whenLeft.
            }
        }
    }
}
