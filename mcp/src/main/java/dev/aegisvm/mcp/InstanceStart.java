package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.PullImage;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** {@code instance_start}: a new instance, or a stopped one by its name; returns when it runs. */
final class InstanceStart {
    private static final String OWN_IMAGES = "aegis:";
    private static final int FAILED = 500;
    private static final int PORT_WAIT_S = 60;

    private InstanceStart() {}

    /** @param processes look whether a port is listened at */
    static McpTool tool(ProcessTools processes) {
        McpTool.Description told = McpTool.destroys("instance_start", "Start an instance")
                .about("""
                    Starts a microVM that stays until it is deleted, and returns when its command runs. With the name of a stopped or \
                    disabled instance, that one starts again with its disk, and with the changes that are given; one that is not \
                    stopped is refused. To run several exec calls in it, use the command ["sleep","infinity"].""")
                .runningCode()
                .mayTake(
                        "command",
                        Kind.COMMAND,
                        "the main process, such as [\"python3\",\"-m\",\"http.server\",\"80\"]; a string is run by sh -c; none to start a known name again")
                .mayTake("name", Kind.TEXT, "small letters, digits, '-', '_', '.'")
                .mayTake(
                        "expose",
                        Kind.PORTS,
                        "guest ports to reach from the host: 80 (some port of the host), \"8080:80\" (that port)")
                .mayTake(
                        "workspace",
                        Kind.TEXT,
                        "seen as /workspace: a name, or a directory of the host within the project, :ro behind it for reading")
                .mayTake(
                        "image",
                        Kind.TEXT,
                        "such as debian:13, or aegis:full with Node and a compiler; else aegis:base")
                .mayTake("env", Kind.TEXTS_BY_NAME, "of every process in it")
                .mayTake(
                        "secrets",
                        Kind.TEXTS,
                        "names of stored secrets to give it as variables. Better KEY@HOST, such as API_KEY@api.example.com: it gets a placeholder, and headers of HTTPS requests to that host get the value in its place");
        return sized(told)
                .mayTakeNetwork()
                .mayTake(
                        "wait_for_port",
                        Kind.number(1, PortMapping.MAX_PORT),
                        "return when a program listens at this port of the guest")
                .gives(PortTools.Brief.class)
                .does(call -> start(call, processes));
    }

    private static McpTool.Description sized(McpTool.Description told) {
        return told.mayTake(
                        "memory_mb",
                        Kind.number(VmLimits.MIN_MEMORY_MB, VmLimits.MAX_MEMORY_MB),
                        "a power of two; 512 when not given")
                .mayTake("vcpus", Kind.number(1, VmLimits.MAX_VCPUS), "")
                .mayTake(
                        "idle_pause",
                        Kind.TEXT,
                        "idle for so long, it is paused: 90s, never; 60s where it exposes a port")
                .mayTake("idle_stop", Kind.TEXT, "so long after that it is stopped; 5m where it exposes a port")
                .mayTake("ttl", Kind.TEXT, "so long after now it is deleted: 2h");
    }

    private static String start(Call call, ProcessTools processes) throws IOException {
        ToolArguments given = call.arguments();
        String workspace = given.text("workspace");
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(given.command("command"))
                .handle(given.text("name"))
                .imageRef(given.text("image"))
                .workspace(workspace == null ? null : call.directories().workspace(workspace))
                .env(given.textsByName("env"))
                .secrets(given.texts("secrets"))
                .network(given.text("network"))
                .allow(given.texts("allow"))
                .networkRate(given.text("network_rate"))
                .exposes(given.list("expose").stream().map(Kind::port).toList())
                .memoryMb(given.numberOrNull("memory_mb"))
                .vcpus(given.numberOrNull("vcpus"))
                .idlePause(given.text("idle_pause"))
                .idleStop(given.text("idle_stop"))
                .ttl(given.text("ttl"))
                .build();
        try (DaemonClient client = call.client()) {
            fetch(given.text("image"), client, call.progress());
            InstanceView started = call.progress()
                    .during(
                            "the instance is starting; the first start of a size or an image takes longer",
                            () -> client.call(Routes.CREATE.with(request).flag("wait", true)));
            Integer port = given.numberOrNull("wait_for_port");
            Boolean listening =
                    port == null ? null : PortTools.listens(call, processes, started.name(), port, PORT_WAIT_S);
            return PortTools.Brief.of(started, listening).json();
        }
    }

    /** Has an image fetched that is not here, and tells how far it is. */
    private static void fetch(@Nullable String image, DaemonClient client, Progress progress) throws IOException {
        if (image == null || image.isEmpty() || image.startsWith(OWN_IMAGES)) {
            return;
        }
        try (JsonLines lines = client.lines(Routes.PULL_IMAGE.with(new PullImage(image, true)))) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ImageProgress now = ApiJson.answer(ImageProgress.class, line);
                String error = now.error();
                if (error != null) {
                    String code = Objects.requireNonNullElse(now.code(), ErrorCode.INTERNAL.wire());
                    throw new ApiException(FAILED, new ApiError(error, code, now.hint(), null, null), null);
                }
                if (now.images() == null) {
                    progress.tell("fetching " + image + ": " + text(now));
                }
            }
        }
    }

    private static String text(ImageProgress now) {
        long done = Objects.requireNonNullElse(now.doneBytes(), 0L) >> 20;
        long total = Objects.requireNonNullElse(now.totalBytes(), 0L) >> 20;
        return "downloading".equals(now.phase()) ? done + " of " + total + " MiB" : "making its file system";
    }
}
