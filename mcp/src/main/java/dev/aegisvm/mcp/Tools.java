package dev.aegisvm.mcp;

import java.util.List;

/** All tools, in the order in which a client sees them. */
final class Tools {
    private Tools() {}

    static List<Tool> all() {
        Outputs outputs = new Outputs();
        return List.of(
                new RunCodeTool(outputs),
                new InstanceStartTool(),
                new ExecTool(outputs),
                new OutputReadTool(outputs),
                new FileReadTool(),
                new FileWriteTool(),
                new FileListTool(),
                new LogsTool(),
                new InstanceListTool(),
                new InstanceInfoTool(),
                new InstancePauseTool(),
                new InstanceResumeTool(),
                new InstanceStopTool(),
                new InstanceDisableTool(),
                new InstanceDeleteTool(),
                new SecretSetTool(),
                new SecretListTool(),
                new SecretDeleteTool());
    }
}
