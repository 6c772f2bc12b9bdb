package dev.aegisvm.mcp.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** The tools that start instances, look at them, at their ports and their network, and wait for them. */
public final class InstanceTools {
    private static final Duration STOP_WAIT = Duration.ofSeconds(10);
    /** A command that ends by then has ended at once. */
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private static final int LOG_LINES = 20;

    private InstanceTools() {}

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
            @Nullable String signal,
            @Nullable List<Port> ports,
            @Nullable Boolean listening,
            @Nullable String note) {
        static Brief of(InstanceView instance, @Nullable Boolean listening, @Nullable String note) {
            List<Port> ports = instance.endpoints().stream()
                    .map(each -> new Port(each.guestPort(), each.protocol() + "://127.0.0.1:" + each.publicPort()))
                    .toList();
            boolean stops = instance.exitCode() != null && instance.state() == InstanceStatus.RUNNING;
            return new Brief(
                    instance.name(),
                    stops ? "stopping" : instance.state().wire(),
                    instance.enabled(),
                    instance.exitCode(),
                    instance.exitCode() == null
                            ? null
                            : Signals.ofExit(instance.exitCode()).orElse(null),
                    ports.isEmpty() ? null : ports,
                    listening,
                    note);
        }
    }

    /** A new instance, or a stopped one by its name; returns when it runs. */
    public static String start(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String workspace = given.text("workspace");
        CreateInstance request = NewInstance.request(call, given.command("command", "sh"), given.text("image"))
                .handle(given.text("name"))
                .workspace(workspace == null ? null : call.host().workspace(workspace))
                .exposes(given.ports("expose"))
                .vcpus(given.numberOrNull("vcpus"))
                .idlePause(given.text("idle_pause"))
                .idleStop(given.text("idle_stop"))
                .ttl(given.text("ttl"))
                .build();
        DaemonClient client = call.client();
        NewInstance.fetch(given.text("image"), call);
        InstanceView started = call.progress()
                .during(
                        "the instance is starting; the first start of a size or an image takes longer",
                        () -> client.call(Routes.CREATE.with(request).flag("wait", true)));
        Integer port = given.numberOrNull("wait_for_port");
        Boolean listening = port == null ? null : listens(call, started.name(), port, given.number("wait_s"));
        InstanceView now = switch (listening) {
            case null -> atRest(call, started.name(), AT_ONCE);
            case Boolean listens -> listens ? started : settled(call, started.name());
        };
        if (Boolean.FALSE.equals(listening) && now.state() == InstanceStatus.STOPPED) {
            throw ErrorCode.WRONG_STATE.refusal(
                    "the main process of '" + started.name() + "' ended with exit code " + now.exitCode()
                            + " before it listened; its log ends with: "
                            + Logs.of(client, started.name(), LOG_LINES, null),
                    "instance_start with the name and another command starts it again, with its disk");
        }
        String note = workspace == null ? null : call.host().note(workspace);
        return Jsonb.instance().toJson(Brief.of(now, listening, note));
    }

    public static String list(Call call) throws IOException {
        List<InstanceView> all = call.client()
                .call(Routes.LIST.to().query("state", call.arguments().text("state")));
        return Jsonb.instance().type(Brief.class).list().toJson(brief(all));
    }

    static List<Brief> brief(List<InstanceView> instances) {
        return instances.stream().map(each -> Brief.of(each, null, null)).toList();
    }

    /** All that the daemon tells of an instance, which is called as it is in arguments. */
    public static String info(Call call) throws IOException {
        InstanceView all = call.client().call(Routes.GET.to(call.instance()));
        String named = ApiJson.text(InstanceViewBuilder.builder(all)
                .handle(all.name())
                .command(all.command().stream().map(PlainAnswer::cut).toList())
                .network(told(all.network()))
                .build());
        return named.replaceFirst("\"handle\":", "\"name\":");
    }

    public static String expose(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int port = given.number("port");
        PortMapping mapping = new PortMapping(port, given.numberOrNull("public_port"), null);
        RouteCall<InstanceView> change = given.flag("remove")
                ? Routes.UNEXPOSE.to(call.instance(), Integer.toString(port))
                : Routes.EXPOSE.with(mapping, call.instance());
        return Jsonb.instance().toJson(Brief.of(call.client().call(change), null, null));
    }

    public static String await(Call call) throws IOException {
        Integer port = call.arguments().numberOrNull("port");
        int seconds = call.arguments().number("wait_s");
        Boolean listening = port == null ? null : listens(call, call.instance(), port, seconds);
        if (port == null) {
            var _ = atRest(call, call.instance(), Duration.ofSeconds(seconds));
        }
        return Jsonb.instance().toJson(Brief.of(settled(call, call.instance()), listening, null));
    }

    /** An instance as it is. One whose main process has ended stops a moment after that, which is waited for. */
    private static InstanceView settled(Call call, String name) throws IOException {
        InstanceView now = call.client().call(Routes.GET.to(name));
        boolean stops = now.exitCode() != null && now.state() != InstanceStatus.STOPPED;
        return stops ? atRest(call, name, STOP_WAIT) : now;
    }

    /** An instance when it is at rest, or was meanwhile, or after so long. */
    private static InstanceView atRest(Call call, String name, Duration patience) throws IOException {
        try (DaemonClient client = call.client();
                JsonLines changes = client.changes()) {
            var _ = call.within(
                    patience,
                    changes,
                    () -> call.progress()
                            .during("waiting for its end", () -> client.end(client.call(Routes.GET, name), changes)));
        } catch (IOException closed) {
            // The time is over, the call was cancelled, or the daemon has ended.
        }
        return call.client().call(Routes.GET.to(name));
    }

    /** Whether a program in the guest listens at a port, or comes to within some seconds. */
    private static boolean listens(Call call, String instance, int port, int seconds) throws IOException {
        List<String> look =
                List.of("sh", "-c", TextResource.of(InstanceTools.class, "listens.sh"), "sh", Integer.toString(port));
        return ProcessTools.whole(call, instance, look, seconds, Excerpt.WHOLE).exitCode() == 0;
    }

    public static String network(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String action = given.required("action");
        List<String> rules = given.texts("rules");
        if (rules.isEmpty() != action.equals("show")) {
            throw ToolArguments.wrong("rules", rules.isEmpty() ? "is needed for " + action : "does not go with show");
        }
        NetworkViewsChangeNetworkBuilder change =
                NetworkViewsChangeNetworkBuilder.builder().hostPorts(call.host().ports());
        String told = Hints.forModel(
                switch (action) {
                    case "show" -> call.ask(Routes.NETWORK.to(call.instance()));
                    case "test" -> test(call, rules);
                    case "allow" -> change(call, change.allow(rules));
                    default -> change(call, change.deny(rules).now(true));
                });
        return call.host().told(told);
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
