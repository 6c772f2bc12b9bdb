package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.api.NetworkViewsChangeNetworkBuilder;
import dev.aegisvm.api.NetworkViewsEgressViewBuilder;
import dev.aegisvm.api.Routes;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** {@code instance_network}: what a guest may reach, looked at and changed while it runs. */
final class NetworkTools {
    private NetworkTools() {}

    static String network(Call call) throws IOException {
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

    static @Nullable EgressView told(@Nullable EgressView all) {
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
