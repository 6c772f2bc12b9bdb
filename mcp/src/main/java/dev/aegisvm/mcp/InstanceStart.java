package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;
import dev.aegisvm.mcp.ToolArguments.Kind;

/** {@code instance_start}: a new instance, or a stopped one by its name; returns when it runs. */
final class InstanceStart {
    private static final long START_LIMIT_S = 180;
    private static final long TELL_EVERY_S = 2;

    private final Call call;
    private final BlockingQueue<EventView> events = new LinkedBlockingQueue<>();

    private InstanceStart(Call call) {
        this.call = call;
    }

    static McpTool tool() {
        return McpTool.changes("instance_start", "Start an instance")
                .about("""
                    Starts a microVM that stays until it is deleted, and returns when its command runs. Give it a name, to use with the \
                    other tools. With the name of a stopped or disabled instance and no command, that instance starts again with its \
                    disk. To run several exec calls in it, use the command ["sleep","infinity"].""")
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
                .mayTake("workspace", Kind.TEXT, "a workspace's name or a directory of the host, seen as /workspace")
                .mayTake(
                        "image",
                        Kind.TEXT,
                        "such as debian:13 or aegis:full, with Node and a compiler; aegis:base when not given")
                .mayTake("env", Kind.TEXTS_BY_NAME, "environment variables of every process in it")
                .mayTake("secrets", Kind.TEXTS, "names of stored secrets to give it as variables; [\"*\"] is all")
                .mayTake(
                        "memory_mb",
                        Kind.WHOLE_NUMBER,
                        "a power of two from " + VmLimits.MIN_MEMORY_MB + " to " + VmLimits.MAX_MEMORY_MB
                                + "; 512 when not given")
                .mayTake("vcpus", Kind.WHOLE_NUMBER, "virtual CPUs, 1 to " + VmLimits.MAX_VCPUS + "; 1 when not given")
                .does(call -> new InstanceStart(call).start());
    }

    private String start() throws IOException {
        ToolArguments given = call.arguments();
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(given.command("command"))
                .handle(given.text("name"))
                .imageRef(given.text("image"))
                .workspace(given.text("workspace"))
                .env(given.textsByName("env"))
                .secrets(given.texts("secrets"))
                .exposes(given.texts("expose").stream().map(InstanceStart::port).toList())
                .memoryMb(given.number("memory_mb", 1, Integer.MAX_VALUE))
                .vcpus(given.number("vcpus", 1, Integer.MAX_VALUE))
                .build();
        try (DaemonClient client = call.client();
                DaemonClient watching = call.client();
                JsonLines lines = watching.lines(Routes.EVENTS.to().flag("follow", true))) {
            Thread.ofVirtual().name("events").start(() -> read(lines));
            InstanceView created = client.call(Routes.CREATE.with(request));
            awaitStarted(client, created.id());
            InstanceView now = client.call(Routes.GET, created.id());
            if (now.state() == InstanceStatus.STOPPED && now.exitCode() == null) {
                throw new ApiException(
                        ErrorCode.BOOT_FAILED, "the instance did not start: " + String.valueOf(now.reason()));
            }
            return new String(client.json(Routes.GET.to(created.id())), StandardCharsets.UTF_8);
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

    private void read(JsonLines lines) {
        try {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                events.add(ApiJson.answer(EventView.class, line));
            }
        } catch (IOException closed) {
            // By us, or by a daemon that ends; whoever waits looks for itself.
            return;
        }
    }

    /** Returns when the instance is past its start, or that takes too long. Each event is a reason to look, no more. */
    private void awaitStarted(DaemonClient client, String id) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_S);
        while (client.call(Routes.GET, id).state() == InstanceStatus.STARTING && System.nanoTime() < end) {
            awaitEvent(id);
        }
    }

    private void awaitEvent(String id) throws IOException {
        try {
            EventView event = events.poll(TELL_EVERY_S, TimeUnit.SECONDS);
            while (event != null && !event.instanceId().equals(id)) {
                event = events.poll(TELL_EVERY_S, TimeUnit.SECONDS);
            }
            call.progress()
                    .tell(
                            event == null
                                    ? "the instance is starting; the first start of a size or an image takes longer"
                                    : event.from() + " → " + event.to());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }
}
