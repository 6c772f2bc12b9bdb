package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.mcp.ToolArguments.Kind;

/** All tools, in the order in which a client sees them. Those that only pass a request on are whole in this table. */
final class Tools {
    private Tools() {}

    static List<McpTool> all() {
        ProcessTools processes = new ProcessTools();
        List<McpTool> all = new ArrayList<>(
                List.of(processes.runCode(), InstanceStart.tool(), processes.exec(), processes.outputRead()));
        all.addAll(List.of(FileTools.readTool(), FileTools.writeTool(), FileTools.listTool(), Logs.tool()));
        all.addAll(instances());
        all.addAll(copies());
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
                        .mayTake("state", Kind.TEXT, "only those that are stopped, starting, running or paused")
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

    private static List<McpTool> copies() {
        return List.of(
                McpTool.changes("snapshot", "Keep an instance as it is")
                        .about("""
                            Keeps an instance as it is now, with what runs and its disk; it goes on. Call it before something that may \
                            go wrong: rewind goes back to it, fork starts others from it. Gives its name.""")
                        .takesInstance()
                        .mayTake("snapshot", Kind.TEXT, "a name for it")
                        .does(call -> call.ask(Routes.CREATE_SNAPSHOT.with(
                                new TakeSnapshot(call.arguments().text("snapshot"), null, null, null),
                                call.instance()))),
                McpTool.changes("fork", "Fork an instance")
                        .about("""
                            Starts new instances that go on from an instance as it is now, or from a snapshot, processes and files \
                            included; to try several things from one state. Each has its own ports. Gives the instances; delete \
                            those that are not needed.""")
                        .takes("name", Kind.TEXT, "the instance or snapshot")
                        .mayTake("count", Kind.WHOLE_NUMBER, "how many, 1 to 64; 1 when not given")
                        .mayTake(
                                "prefix",
                                Kind.TEXT,
                                "they are called PREFIX-1 and so on; that of the source when not given")
                        .does(call -> call.ask(Routes.FORK.with(
                                new ForkRequest(
                                        call.arguments().number("count", 1, 64),
                                        call.arguments().text("prefix"),
                                        null,
                                        null,
                                        null),
                                call.arguments().required("name")))),
                McpTool.destroys("rewind", "Let an instance go back")
                        .about("""
                            Lets an instance go back to a snapshot of it, with its processes and files of then. What it was before is \
                            kept as another snapshot, whose name is given.""")
                        .takesInstance()
                        .takes("snapshot", Kind.TEXT, "the snapshot")
                        .does(call -> call.ask(Routes.REWIND.with(
                                new RewindRequest(call.arguments().required("snapshot"), null, null),
                                call.instance()))),
                diff());
    }

    private static McpTool diff() {
        return McpTool.reads("diff", "Show what changed in a workspace or since a snapshot")
                .about("""
                            Lists the files that an instance added, changed or deleted in its copy of a workspace (workspace \
                            DIRECTORY:copy); with a snapshot, on all of its disk since then.""")
                .takesInstance()
                .mayTake("since", Kind.TEXT, "a snapshot")
                .does(call -> {
                    String since = call.arguments().text("since");
                    return call.ask(
                            since == null
                                    ? Routes.DIFF_WORKSPACE.to(call.instance())
                                    : Routes.DIFF.to(call.instance()).query("from", since));
                });
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
