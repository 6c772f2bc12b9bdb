package dev.aegisvm.mcp.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.process.NewInstance;
import dev.aegisvm.mcp.tool.McpTool.Call;
import dev.aegisvm.mcp.tool.ToolArguments;

/** {@code instance_start}: a new instance, or a stopped one by its name; returns when it runs. */
public final class InstanceStart {
    private static final int LOG_LINES = 20;

    private InstanceStart() {}

    public static String start(Call call, InstanceTools ports) throws IOException {
        ToolArguments given = call.arguments();
        String workspace = given.text("workspace");
        CreateInstance request = NewInstance.request(call, given.command("command", "sh"), given.text("image"))
                .handle(given.text("name"))
                .workspace(workspace == null ? null : call.directories().workspace(workspace))
                .exposes(given.ports("expose"))
                .vcpus(given.numberOrNull("vcpus"))
                .idlePause(given.text("idle_pause"))
                .idleStop(given.text("idle_stop"))
                .ttl(given.text("ttl"))
                .build();
        try (DaemonClient client = call.client()) {
            NewInstance.fetch(given.text("image"), client, call.progress());
            InstanceView started = call.progress()
                    .during(
                            "the instance is starting; the first start of a size or an image takes longer",
                            () -> client.call(Routes.CREATE.with(request).flag("wait", true)));
            Integer port = given.numberOrNull("wait_for_port");
            Boolean listening = port == null ? null : ports.listens(call, started.name(), port, given.number("wait_s"));
            if (Boolean.FALSE.equals(listening)) {
                refuseEnded(call, client, started.name());
            }
            return InstanceTools.Brief.of(started, listening)
                    .noted(workspace == null ? null : call.directories().note(workspace))
                    .json();
        }
    }

    private static void refuseEnded(Call call, DaemonClient client, String name) throws IOException {
        InstanceView now = InstanceTools.settled(call, client, name);
        if (now.state() == InstanceStatus.STOPPED) {
            throw ErrorCode.WRONG_STATE.refusal(
                    "the main process of '" + name + "' ended with exit code " + now.exitCode()
                            + " before it listened; its log ends with: " + Logs.of(client, name, LOG_LINES, null),
                    "instance_start with the name and another command starts it again, with its disk");
        }
    }
}
