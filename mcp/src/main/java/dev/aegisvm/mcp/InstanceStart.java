package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;
import dev.aegisvm.mcp.ToolArguments.Kind;

/** {@code instance_start}: a new instance, or a stopped one by its name; returns when it runs. */
final class InstanceStart {
    private InstanceStart() {}

    static McpTool tool() {
        return McpTool.changes("instance_start", "Start an instance")
                .about("""
                    Starts a microVM that stays until it is deleted, and returns when its command runs. Give it a name, to use with the \
                    other tools. With the name of a stopped or disabled instance, that one starts again with its disk, and with the \
                    changes that are given. To run several exec calls in it, use the command ["sleep","infinity"].""")
                .runningCode()
                .mayTake(
                        "command",
                        Kind.COMMAND,
                        "the main process, such as [\"python3\",\"-m\",\"http.server\",\"80\"]; a string is run by sh -c; leave it out to start a known name again")
                .mayTake("name", Kind.TEXT, "a name for it: small letters, digits, '-', '_', '.'")
                .mayTake(
                        "expose",
                        Kind.TEXTS,
                        "guest ports to reach from the host: \"80\" (some port of the host), \"8080:80\" (that port)")
                .mayTake(
                        "workspace",
                        Kind.TEXT,
                        "a workspace's name or a directory of the host, seen as /workspace; with :copy behind it a copy, which fork and rewind need")
                .mayTake(
                        "image",
                        Kind.TEXT,
                        "such as debian:13 or aegis:full, with Node and a compiler; aegis:base when not given")
                .mayTake("env", Kind.TEXTS_BY_NAME, "environment variables of every process in it")
                .mayTake(
                        "secrets",
                        Kind.TEXTS,
                        "names of stored secrets to give it as variables; [\"*\"] is all. Better KEY@HOST, such as API_KEY@api.example.com: it gets a placeholder, and headers of HTTPS requests to that host get the value in its place")
                .mayTake(
                        "memory_mb",
                        Kind.WHOLE_NUMBER,
                        "a power of two from " + VmLimits.MIN_MEMORY_MB + " to " + VmLimits.MAX_MEMORY_MB
                                + "; 512 when not given")
                .mayTake("vcpus", Kind.WHOLE_NUMBER, "virtual CPUs, 1 to " + VmLimits.MAX_VCPUS + "; 1 when not given")
                .mayTakeNetwork()
                .does(InstanceStart::start);
    }

    private static String start(Call call) throws IOException {
        ToolArguments given = call.arguments();
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(given.command("command"))
                .handle(given.text("name"))
                .imageRef(given.text("image"))
                .workspace(given.text("workspace"))
                .env(given.textsByName("env"))
                .secrets(given.texts("secrets"))
                .network(given.text("network"))
                .allow(given.texts("allow"))
                .networkRate(given.text("network_rate"))
                .exposes(given.texts("expose").stream().map(InstanceStart::port).toList())
                .memoryMb(given.number("memory_mb", 1, Integer.MAX_VALUE))
                .vcpus(given.number("vcpus", 1, Integer.MAX_VALUE))
                .build();
        try (DaemonClient client = call.client()) {
            return call.progress()
                    .during(
                            "the instance is starting; the first start of a size or an image takes longer",
                            () -> new String(
                                    client.json(Routes.CREATE.with(request).flag("wait", true)),
                                    StandardCharsets.UTF_8));
        }
    }

    private static PortMapping port(String text) {
        PortMapping mapping = PortMapping.read(text)
                .orElseThrow(() -> ToolArguments.wrong(
                        "expose", "has an entry that is not GUEST, PUBLIC:GUEST or PUBLIC:GUEST/tcp"));
        if (!mapping.inRange()) {
            throw ToolArguments.wrong("expose", "has a port that is not within 1 and " + PortMapping.MAX_PORT);
        }
        return mapping;
    }
}
