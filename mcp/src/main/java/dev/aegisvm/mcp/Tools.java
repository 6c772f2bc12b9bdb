package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;

/** All tools, in the order in which a client sees them. Those that only pass a request on are whole in this table. */
final class Tools {
    private Tools() {}

    static List<McpTool> all() {
        Outputs outputs = new Outputs();
        Background background = new Background(outputs);
        ProcessTools processes = new ProcessTools(outputs, background);
        List<McpTool> all = new ArrayList<>(
                List.of(processes.runCode(), InstanceStart.tool(processes), processes.exec(), outputs.tool()));
        all.addAll(background.tools());
        all.addAll(
                List.of(FileTools.readTool(processes), FileTools.writeTool(), FileEdit.tool(), FileLists.listTool()));
        all.addAll(List.of(FileLists.searchTool(processes), FileLists.manageTool()));
        all.addAll(HostCopies.tools());
        all.addAll(PortTools.tools(processes));
        all.add(Logs.tool());
        all.addAll(instances());
        all.addAll(ends());
        all.addAll(secrets());
        return all;
    }

    private static List<McpTool> instances() {
        return List.of(
                McpTool.reads("instance_list", "List instances")
                        .about("""
                            Lists the instances on this host with their states, ports and commands. Call it to find an instance that \
                            already exists.""")
                        .mayTake("state", Kind.word("stopped", "starting", "running", "paused"), "")
                        .does(call -> call.ask(
                                Routes.LIST.to().query("state", call.arguments().text("state")))),
                McpTool.reads("instance_info", "Show an instance")
                        .about("""
                            Shows one instance: its state, why it stopped and its exit code, its ports on the host, its size, how its \
                            last boot went.""")
                        .takesInstance()
                        .does(call -> call.ask(Routes.GET.to(call.instance()))),
                McpTool.changes("instance_pause", "Pause an instance")
                        .about("""
                            Pauses a running instance: it keeps its memory and uses no CPU. instance_resume or an exec resumes it within \
                            milliseconds. For longer breaks use instance_stop, which frees the memory too.""")
                        .takesInstance()
                        .does(call -> call.ask(Routes.PAUSE.to(call.instance()))),
                McpTool.changes("instance_resume", "Resume an instance")
                        .about("Resumes a paused instance. An exec in it does so by itself.")
                        .takesInstance()
                        .does(call -> call.ask(Routes.RESUME.to(call.instance()))));
    }

    private static List<McpTool> ends() {
        return List.of(
                McpTool.changes("instance_stop", "Stop an instance")
                        .about("""
                            Shuts an instance down: its processes end, its disk stays. instance_start with its name starts it again.""")
                        .takesInstance()
                        .does(call -> call.ask(Routes.STOP.to(call.instance()))),
                McpTool.changes("instance_disable", "Disable an instance")
                        .about("""
                            Stops an instance so that only instance_start starts it again; connections to its ports do not. Its logs \
                            cannot be read until then.""")
                        .takesInstance()
                        .does(call -> call.ask(Routes.DISABLE.to(call.instance()))),
                McpTool.destroys("instance_delete", "Delete an instance")
                        .about("""
                            Deletes an instance with its disk and its logs, in any state. This cannot be undone. Delete what is no \
                            longer needed; use instance_stop to keep it.""")
                        .takesInstance()
                        .does(call -> call.ask(Routes.DELETE.to(call.instance()))));
    }

    private static List<McpTool> secrets() {
        return List.of(
                McpTool.changes("secret_set", "Store a secret")
                        .about("""
                            Stores a secret, encrypted; it replaces the one of this name. Instances that were started with it in their \
                            secrets get it as an environment variable at their next boot; with KEY@HOST it counts at the next request. If you do not know the value, ask the person \
                            to run `aegis secret set NAME`, so that the value does not pass through this conversation.""")
                        .takes("key", Kind.TEXT, "the name, such as API_KEY")
                        .takes("value", Kind.TEXT, "the value, at most " + (SecretValue.MAX_BYTES >> 10) + " KiB")
                        .does(call -> {
                            SecretValue value = new SecretValue(call.arguments().required("value"));
                            return call.ask(Routes.PUT_SECRET.with(value, key(call)));
                        }),
                McpTool.reads("secret_list", "List secrets")
                        .about("""
                            Lists the names of the stored secrets. Values cannot be read back; instances get them by the argument \
                            secrets of instance_start.""")
                        .does(call -> call.ask(Routes.LIST_SECRETS.to())),
                McpTool.destroys("secret_delete", "Delete a secret")
                        .about("""
                            Deletes a secret. Running instances keep the value they have; an instance that names the secret no longer \
                            starts, and where it is bound to a host, requests with it are refused.""")
                        .takes("key", Kind.TEXT, "the name")
                        .does(call -> call.ask(Routes.DELETE_SECRET.to(key(call)))));
    }

    private static String key(McpTool.Call call) {
        return new SecretName(call.arguments().required("key")).value();
    }
}
