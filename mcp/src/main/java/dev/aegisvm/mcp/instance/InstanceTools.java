package dev.aegisvm.mcp.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.file.HostCopies;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** The tools that look at instances, at their ports and their network, and wait for them. */
public final class InstanceTools {
    private static final int STOP_WAIT_S = 10;

    private final ProcessTools processes;

    public InstanceTools(ProcessTools processes) {
        this.processes = processes;
    }

    @Json
    record Port(int port, String url) {}

    /**
     * An instance in short.
     *
     * @param listening whether a program listens at the port that was waited for
     * @param note what a model may not expect
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Brief(
            String name,
            String state,
            boolean enabled,
            @Nullable Integer exitCode,
            @Nullable List<Port> ports,
            @Nullable Boolean listening,
            @Nullable String note) {
        static Brief of(InstanceView instance, @Nullable Boolean listening) {
            List<Port> ports = instance.endpoints().stream()
                    .map(each -> new Port(each.guestPort(), each.protocol() + "://127.0.0.1:" + each.publicPort()))
                    .toList();
            return new Brief(
                    instance.name(),
                    isStopping(instance) ? "stopping" : instance.state().wire(),
                    instance.enabled(),
                    instance.exitCode(),
                    ports.isEmpty() ? null : ports,
                    listening,
                    null);
        }

        private static boolean isStopping(InstanceView instance) {
            return instance.exitCode() != null && instance.state() == InstanceStatus.RUNNING;
        }

        Brief noted(@Nullable String line) {
            return new Brief(name, state, enabled, exitCode, ports, listening, line);
        }

        String json() {
            return Jsonb.instance().toJson(this);
        }
    }

    public static String list(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            String state = call.arguments().text("state");
            return Jsonb.instance()
                    .type(Brief.class)
                    .list()
                    .toJson(brief(client.call(Routes.LIST.to().query("state", state))));
        }
    }

    static List<Brief> brief(List<InstanceView> instances) {
        return instances.stream().map(instance -> Brief.of(instance, null)).toList();
    }

    /** All that the daemon tells of an instance, which is called as it is in arguments. */
    public static String info(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            InstanceView all = client.call(Routes.GET, call.instance());
            String named = ApiJson.text(InstanceViewBuilder.builder(all)
                    .handle(all.name())
                    .command(all.command().stream().map(PlainAnswer::cut).toList())
                    .network(told(all.network()))
                    .build());
            return named.replaceFirst("\"handle\":", "\"name\":");
        }
    }

    public String expose(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int port = given.number("port");
        PortMapping mapping = new PortMapping(port, given.numberOrNull("public_port"), null);
        RouteCall<InstanceView> change = given.flag("remove")
                ? Routes.UNEXPOSE.to(call.instance(), Integer.toString(port))
                : Routes.EXPOSE.with(mapping, call.instance());
        try (DaemonClient client = call.client()) {
            return Brief.of(client.call(change), null).json();
        }
    }

    public String await(Call call) throws IOException {
        Integer port = call.arguments().numberOrNull("port");
        int seconds = call.arguments().number("wait_s");
        Boolean listening = port == null ? null : listens(call, call.instance(), port, seconds);
        if (port == null) {
            var _ = HostCopies.aegis(call, "waiting for its end", seconds, List.of("wait", HostCopies.name(call)));
        }
        try (DaemonClient client = call.client()) {
            return Brief.of(settled(call, client, HostCopies.name(call)), listening)
                    .json();
        }
    }

    /** An instance as it is. One whose main process has ended stops a moment after that, which is waited for. */
    static InstanceView settled(Call call, DaemonClient client, String name) throws IOException {
        InstanceView now = client.call(Routes.GET, name);
        if (now.exitCode() == null || now.state() == InstanceStatus.STOPPED) {
            return now;
        }
        var _ = HostCopies.aegis(call, "waiting for its end", STOP_WAIT_S, List.of("wait", name));
        return client.call(Routes.GET, name);
    }

    /** Whether a program in the guest listens at a port, or comes to within some seconds. */
    boolean listens(Call call, String instance, int port, int seconds) throws IOException {
        List<String> look =
                List.of("sh", "-c", TextResource.of(InstanceTools.class, "listens.sh"), "sh", Integer.toString(port));
        return processes.whole(call, instance, look, seconds, Excerpt.WHOLE).exitCode() == 0;
    }

    public static String network(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String action = given.required("action");
        List<String> rules = given.texts("rules");
        if (rules.isEmpty() != action.equals("show")) {
            throw ToolArguments.wrong("rules", rules.isEmpty() ? "is needed for " + action : "does not go with show");
        }
        List<Integer> hostPorts = new McpConfig(call.launcher().home()).hostPorts();
        NetworkViewsChangeNetworkBuilder change =
                NetworkViewsChangeNetworkBuilder.builder().hostPorts(hostPorts);
        return Hints.forModel(
                switch (action) {
                    case "show" -> call.ask(Routes.NETWORK.to(call.instance()));
                    case "test" -> test(call, rules);
                    case "allow" -> change(call, change.allow(rules));
                    default -> change(call, change.deny(rules).now(true));
                });
    }

    private static @Nullable EgressView told(@Nullable EgressView all) {
        return all == null
                ? null
                : NetworkViewsEgressViewBuilder.builder(all)
                        .refused(all.refused().stream().map(Hints::forModel).toList())
                        .build();
    }

    private static String change(Call call, NetworkViewsChangeNetworkBuilder change) throws IOException {
        return call.ask(Routes.CHANGE_NETWORK.with(change.build(), call.instance()));
    }

    private static String test(Call call, List<String> targets) throws IOException {
        List<String> verdicts = new ArrayList<>();
        for (String target : targets) {
            verdicts.add(call.ask(Routes.TEST_NETWORK.with(new NetworkTarget(target), call.instance())));
        }
        return "{\"items\":" + verdicts + "}";
    }
}
