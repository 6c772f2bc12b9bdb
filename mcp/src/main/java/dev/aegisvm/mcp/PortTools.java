package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** The tools for the ports of instances, and the one that waits for them. */
final class PortTools {
    private static final int MAX_WAIT_S = 600;
    private static final int USUAL_WAIT_S = 60;
    /** Looks in the guest whether a program listens; 0A is TCP_LISTEN. */
    private static final String LISTENS = """
        p=$(printf ':%04X' "$1")
        until grep -qs " [0-9A-F]*$p [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done""";

    private PortTools() {}

    /** A port of an instance, and where it is reached from this host. */
    @Json
    record Port(int port, String url) {}

    /**
     * An instance in short.
     *
     * @param listening whether a program listens at the port that was waited for
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Brief(
            String name,
            String state,
            boolean enabled,
            @Nullable Integer exitCode,
            @Nullable List<Port> ports,
            @Nullable Boolean listening) {
        static Brief of(InstanceView instance, @Nullable Boolean listening) {
            List<Port> ports = instance.endpoints().stream()
                    .map(each -> new Port(each.guestPort(), url(each)))
                    .toList();
            return new Brief(
                    instance.name(),
                    instance.state().wire(),
                    instance.enabled(),
                    instance.exitCode(),
                    ports.isEmpty() ? null : ports,
                    listening);
        }

        private static String url(Endpoint endpoint) {
            return endpoint.protocol() + "://127.0.0.1:" + endpoint.publicPort();
        }

        String json() {
            return Jsonb.instance().toJson(this);
        }
    }

    static List<McpTool> tools(ProcessTools processes) {
        return List.of(
                McpTool.changes("instance_expose", "Expose a port")
                        .about(
                                "Lets a port of the host lead to a port of an instance, running or not. Its other ports stay.")
                        .takesInstance()
                        .takes("port", Kind.number(1, PortMapping.MAX_PORT), "of the guest")
                        .mayTake("public_port", Kind.number(1, PortMapping.MAX_PORT), "of the host; else a free one")
                        .gives(Brief.class)
                        .does(PortTools::expose),
                McpTool.destroys("instance_unexpose", "Give up a port")
                        .about(
                                "Gives up the ports of the host that lead to a port of an instance; their connections end.")
                        .takesInstance()
                        .takes("port", Kind.number(1, PortMapping.MAX_PORT), "of the guest")
                        .gives(Brief.class)
                        .does(PortTools::unexpose),
                McpTool.reads("instance_wait", "Wait for an instance")
                        .about("""
                            Waits until a program in a running instance listens at a port; without a port, until the instance's main process \
                            has ended.""")
                        .takesInstance()
                        .mayTake("port", Kind.number(1, PortMapping.MAX_PORT), "of the guest")
                        .mayTake("wait_s", Kind.number(1, MAX_WAIT_S).or(USUAL_WAIT_S), "")
                        .gives(Brief.class)
                        .does(call -> await(call, processes)));
    }

    private static String expose(Call call) throws IOException {
        ToolArguments given = call.arguments();
        PortMapping mapping = new PortMapping(given.number("port"), given.numberOrNull("public_port"), null);
        try (DaemonClient client = call.client()) {
            return Brief.of(client.call(Routes.EXPOSE.with(mapping, call.instance())), null)
                    .json();
        }
    }

    private static String unexpose(Call call) throws IOException {
        int port = call.arguments().number("port");
        try (DaemonClient client = call.client()) {
            InstanceView instance = client.call(Routes.GET, call.instance());
            List<Endpoint> given = instance.endpoints().stream()
                    .filter(each -> each.guestPort() == port)
                    .toList();
            if (given.isEmpty()) {
                throw ErrorCode.NOT_FOUND.refusal("port " + port + " is not exposed", "instance_info shows the ports");
            }
            for (Endpoint endpoint : given) {
                instance = client.call(Routes.UNEXPOSE, call.instance(), Integer.toString(endpoint.publicPort()));
            }
            return Brief.of(instance, null).json();
        }
    }

    private static String await(Call call, ProcessTools processes) throws IOException {
        Integer port = call.arguments().numberOrNull("port");
        int seconds = call.arguments().number("wait_s");
        Boolean listening = port == null ? null : listens(call, processes, call.instance(), port, seconds);
        if (port == null) {
            awaitEnd(call, seconds);
        }
        try (DaemonClient client = call.client()) {
            return Brief.of(client.call(Routes.GET, call.instance()), listening).json();
        }
    }

    /** Whether a program in the guest listens at a port, or comes to within some seconds. */
    static boolean listens(Call call, ProcessTools processes, String instance, int port, int seconds)
            throws IOException {
        List<String> look = List.of("sh", "-c", LISTENS, "sh", Integer.toString(port));
        return processes.whole(call, instance, look, seconds).exitCode() == 0;
    }

    /** Follows the log, in which the end of the main process is an entry, until it is there or time is up. */
    private static void awaitEnd(Call call, int seconds) throws IOException {
        try (DaemonClient client = call.client()) {
            String until = Instant.now().plusSeconds(seconds).toString();
            JsonLines entries = client.lines(Routes.LOGS
                    .to(call.instance())
                    .query("source", "system")
                    .query("until", until)
                    .query("tail", 0)
                    .flag("follow", true));
            if (client.call(Routes.GET, call.instance()).state() != InstanceStatus.RUNNING) {
                entries.close();
                return;
            }
            var _ = call.cancelled().thenRun(() -> close(entries));
            call.progress().during("waiting for the end of " + call.instance(), () -> {
                try (entries) {
                    byte[] entry = entries.next();
                    while (entry != null
                            && !ApiJson.answer(LogEntry.class, entry).line().startsWith("process exited")) {
                        entry = entries.next();
                    }
                    return true;
                }
            });
        }
    }

    private static void close(JsonLines lines) {
        try {
            lines.close();
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }
}
