package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.ArgumentList.Kind;
import dev.aegisvm.mcp.Tool.Call;
import dev.aegisvm.mcp.Tool.Description;
import dev.aegisvm.mcp.Tool.Effect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code instance_start}: a new instance, or a stopped one by its name; returns when it runs. */
final class InstanceStart {
    private InstanceStart() {}

    static Tool tool() {
        return Tool.of(
                Description.of("instance_start", "Start an instance", Effect.CHANGES, """
                    Starts a microVM that stays until it is deleted, and returns when its command runs. Give it a name, to use with the \
                    other tools. With the name of an instance that is stopped or disabled and no command, that one is started again \
                    with its disk. As a place for several exec calls, use the command ["sleep","infinity"].""", arguments())
                        .runningCode(),
                InstanceStart::call);
    }

    private static ArgumentList arguments() {
        return ArgumentList.none()
                .optional(
                        "command",
                        Kind.COMMAND,
                        "the main process, such as [\"python3\",\"-m\",\"http.server\",\"80\"]; a string is run by sh -c; left out to start a known name again")
                .optional("name", Kind.TEXT, "a name for it: small letters, digits, '-', '_', '.'")
                .optional(
                        "expose",
                        Kind.TEXTS,
                        "guest ports to reach from the host: \"80\" (some port of the host), \"8080:80\" (that port)")
                .optional("workspace", Kind.TEXT, "a workspace's name or a directory of the host, seen as /workspace")
                .optional("image", Kind.TEXT, "an OCI image, such as debian:13; the base image when not given")
                .optional("env", Kind.TEXTS_BY_NAME, "environment variables of every process in it")
                .optional("secrets", Kind.TEXTS, "names of stored secrets to give it as variables; [\"*\"] is all")
                .optional("memory_mb", Kind.WHOLE_NUMBER, "256, 512, 1024, …; 512 when not given")
                .optional("vcpus", Kind.WHOLE_NUMBER, "virtual CPUs, 1 to 16; 1 when not given");
    }

    private static String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(given.command("command"))
                .handle(given.text("name"))
                .imageRef(given.text("image"))
                .workspace(given.text("workspace"))
                .env(given.textsByName("env"))
                .secrets(given.texts("secrets"))
                .exposes(ports(given.texts("expose")))
                .memoryMb(given.number("memory_mb", 1, Integer.MAX_VALUE))
                .vcpus(given.number("vcpus", 1, Integer.MAX_VALUE))
                .build();
        try (DaemonClient client = call.client();
                InstanceEvents events = InstanceEvents.follow(call)) {
            InstanceView created = client.call(Routes.CREATE.with(request));
            events.awaitStarted(client, created.id());
            InstanceView now = client.call(Routes.GET, created.id());
            if (now.state() == InstanceStatus.STOPPED && now.exitCode() == null) {
                throw new ApiException(
                        ErrorCode.BOOT_FAILED, "the instance did not start: " + String.valueOf(now.reason()));
            }
            return new String(client.json(Routes.GET, created.id()), StandardCharsets.UTF_8);
        }
    }

    private static List<PortMapping> ports(List<String> texts) {
        return texts.stream().map(InstanceStart::port).toList();
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
