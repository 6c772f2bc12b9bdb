package dev.aegisvm.mcp.server;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SecretViews.*;
import dev.aegisvm.mcp.file.*;
import dev.aegisvm.mcp.instance.*;
import dev.aegisvm.mcp.process.*;
import dev.aegisvm.mcp.tool.*;

/** All tools, in the order in which a client sees them, and what each does; {@code tools.txt} has what a model is told. */
public final class Tools {
    private Tools() {}

    public static List<McpTool> all() {
        ToolTable table = ToolTable.OURS;
        Background background = new Background();
        ProcessTools processes = new ProcessTools(background);
        List<McpTool> all = new ArrayList<>(List.of(
                table.tool("run_code", processes::runCode),
                table.tool("instance_start", InstanceTools::start),
                table.tool("exec", processes::exec),
                table.tool("output_read", Outputs::read),
                table.tool("process_read", background::read),
                table.tool("process_write", background::write),
                table.tool("process_signal", background::signal),
                table.tool("process_list", background::list),
                table.tool("file_read", FileTools::read),
                table.tool("file_write", FileTools::write),
                table.tool("file_edit", FileEdit::edit),
                table.tool("file_list", FileLists::list),
                table.tool("file_search", FileLists::search),
                table.tool("file_manage", FileLists::manage),
                table.tool("copy_in", HostCopies::in),
                table.tool("copy_out", HostCopies::out),
                table.tool("instance_expose", InstanceTools::expose),
                table.tool("instance_network", InstanceTools::network),
                table.tool("instance_wait", InstanceTools::await),
                table.tool("logs", Logs::call),
                table.tool("diff", Patches::diff),
                table.tool("instance_list", InstanceTools::list)));
        all.addAll(passedOn(table));
        return all;
    }

    private static List<McpTool> passedOn(ToolTable table) {
        return List.of(
                table.tool("instance_info", InstanceTools::info),
                table.tool(
                        "instance_pause",
                        call -> call.ask(
                                (call.arguments().flag("resume") ? Routes.RESUME : Routes.PAUSE).to(call.instance()))),
                table.tool("instance_stop", of(Routes.STOP)),
                table.tool("instance_disable", of(Routes.DISABLE)),
                table.tool("instance_delete", of(Routes.DELETE)),
                table.tool("snapshot", SnapshotTools::snapshot),
                table.tool("fork", SnapshotTools::fork),
                table.tool("secret_set", call -> {
                    SecretValue value = new SecretValue(call.arguments().required("value"));
                    return call.ask(Routes.PUT_SECRET.with(value, key(call)));
                }),
                table.tool("secret_list", call -> call.ask(Routes.LIST_SECRETS.to())),
                table.tool("secret_delete", call -> call.ask(Routes.DELETE_SECRET.to(key(call)))));
    }

    private static McpTool.Action of(Route<Void, ?> route) {
        return call -> call.ask(route.to(call.instance()));
    }

    private static String key(McpTool.Call call) {
        return new SecretName(call.arguments().required("key")).value();
    }
}
