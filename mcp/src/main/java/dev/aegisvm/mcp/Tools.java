package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.ArgumentList.Kind;
import dev.aegisvm.mcp.Tool.Description;
import dev.aegisvm.mcp.Tool.Effect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** All tools, in the order in which a client sees them. Those that only pass a request on are whole in this table. */
final class Tools {
    private Tools() {}

    static List<Tool> all() {
        ProcessTools processes = new ProcessTools();
        List<Tool> all = new ArrayList<>(
                List.of(processes.runCode(), InstanceStart.tool(), processes.exec(), processes.outputRead()));
        all.addAll(FileTools.all());
        all.add(Logs.tool());
        all.addAll(instances());
        all.addAll(ends());
        all.addAll(secrets());
        return all;
    }

    private static List<Tool> instances() {
        return List.of(
                passOn(
                        Description.of(
                                "instance_list",
                                "List instances",
                                Effect.READS,
                                """
                                Lists the instances on this host with their states, ports and commands. Call it to find an instance that may be \
                                there already.""",
                                ArgumentList.none()
                                        .optional(
                                                "state",
                                                Kind.TEXT,
                                                "only those that are stopped, starting, running or paused")),
                        given -> client -> utf8(client.json(Routes.LIST.to().query("state", given.text("state"))))),
                ofInstance(
                        "instance_info",
                        "Show an instance",
                        Effect.READS,
                        """
                        Shows one instance: its state, why it is stopped and its exit code, its ports on the host, its size, how its last \
                        boot went.""",
                        name -> client -> utf8(client.json(Routes.GET, name))),
                ofInstance(
                        "instance_pause",
                        "Pause an instance",
                        Effect.CHANGES,
                        """
                        Halts a running instance where it is: it keeps its memory and uses no CPU. instance_resume or an exec lets it go on, in \
                        milliseconds. For longer breaks instance_stop frees the memory too.""",
                        name -> client -> ApiJson.text(client.call(Routes.PAUSE, name))),
                ofInstance(
                        "instance_resume",
                        "Resume an instance",
                        Effect.CHANGES,
                        """
                        Lets a paused instance go on. An exec does so by itself.""",
                        name -> client -> ApiJson.text(client.call(Routes.RESUME, name))));
    }

    private static List<Tool> ends() {
        return List.of(
                ofInstance(
                        "instance_stop",
                        "Stop an instance",
                        Effect.CHANGES,
                        """
                        Ends the machine of an instance in order; its processes end, its disk stays. instance_start with the name starts it again.""",
                        name -> client -> ApiJson.text(client.call(Routes.STOP, name))),
                ofInstance(
                        "instance_disable",
                        "Disable an instance",
                        Effect.CHANGES,
                        """
                        As instance_stop, and nothing but instance_start starts it again, no connection to its ports either. Its logs cannot be \
                        read until then.""",
                        name -> client -> ApiJson.text(client.call(Routes.DISABLE, name))),
                ofInstance(
                        "instance_delete",
                        "Delete an instance",
                        Effect.DESTROYS,
                        """
                        Removes an instance with its disk and its logs, whatever it is doing. Nothing of it can be had back. Delete what is not \
                        needed any more; use instance_stop to keep it.""",
                        name -> client -> ApiJson.text(client.call(Routes.DELETE, name))));
    }

    private static List<Tool> secrets() {
        return List.of(
                passOn(
                        Description.of(
                                "secret_set",
                                "Store a secret",
                                Effect.CHANGES,
                                """
                                Stores a secret, encrypted, in place of the one that has this name. Instances started with secrets [name] get it as \
                                an environment variable at their next boot. If you do not know the value, ask the person to run \
                                `aegis secret set NAME`, so that it does not pass through this conversation.""",
                                ArgumentList.none()
                                        .required("key", Kind.TEXT, "the name, such as API_KEY")
                                        .required("value", Kind.TEXT, "the value, at most 64 KiB")),
                        given -> {
                            String key = key(given);
                            return client -> ApiJson.text(
                                    client.call(Routes.PUT_SECRET.with(new SecretValue(given.required("value")), key)));
                        }),
                passOn(
                        Description.of("secret_list", "List secrets", Effect.READS, """
                            Lists the names of the stored secrets. Values cannot be read back; instances get them with the argument secrets of \
                            instance_start.""", ArgumentList.none()),
                        given -> client -> utf8(client.json(Routes.LIST_SECRETS))),
                passOn(
                        Description.of(
                                "secret_delete",
                                "Delete a secret",
                                Effect.DESTROYS,
                                """
                                Removes a secret. Instances that run keep what they have; those that name it do not start without it.""",
                                ArgumentList.none().required("key", Kind.TEXT, "the name")),
                        given -> {
                            String key = key(given);
                            return client -> ApiJson.text(client.call(Routes.DELETE_SECRET, key));
                        }));
    }

    private static String key(ToolArguments given) {
        return new SecretName(given.required("key")).value();
    }

    private static String utf8(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    /** Asks the daemon once. */
    private interface Request {
        String answer(DaemonClient client) throws IOException;
    }

    /** A tool that makes a request of its arguments; what is wrong with them is said before the daemon is asked. */
    private static Tool passOn(Description description, Function<ToolArguments, Request> requests) {
        return Tool.of(description, call -> {
            Request request = requests.apply(call.arguments());
            try (DaemonClient client = call.client()) {
                return request.answer(client);
            }
        });
    }

    /** A tool that takes nothing but the name of an instance. */
    private static Tool ofInstance(
            String name, String title, Effect effect, String text, Function<String, Request> requests) {
        return passOn(
                Description.of(name, title, effect, text, ArgumentList.ofInstance()),
                given -> requests.apply(given.required("name")));
    }
}
