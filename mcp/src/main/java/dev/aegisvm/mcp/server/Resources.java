package dev.aegisvm.mcp.server;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.file.FileTools;
import dev.aegisvm.mcp.instance.Logs;
import dev.aegisvm.mcp.process.Outputs;
import dev.aegisvm.mcp.tool.Picture;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceTemplateSpecification;
import io.modelcontextprotocol.spec.*;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;

/** What a client can attach by an address: logs of instances, and byte for byte their files and what commands wrote. */
final class Resources {
    private static final Pattern ADDRESS =
            Pattern.compile("aegis://(?:instance/([^/]+)/(?:logs|file/(.+))|output/(.*))");
    private static final String OUTPUT = "aegis://output/";
    private static final int MAX_FILE = 4 << 20;
    private static final int LOG_LINES = 1000;

    private final DaemonLauncher launcher;

    Resources(DaemonLauncher launcher) {
        this.launcher = launcher;
    }

    List<SyncResourceTemplateSpecification> templates() {
        return List.of(
                template("aegis://instance/{name}/logs", "logs", "the last lines of an instance's log"),
                template(
                        "aegis://instance/{name}/file/{path}",
                        "file",
                        "a file of an instance; the path is absolute, with %2F for each slash"),
                template(
                        OUTPUT + "{name}/{exec}/{place}",
                        "output",
                        "bytes of an output from a cursor on, 4 MiB at most; the cursor follows " + OUTPUT));
    }

    private SyncResourceTemplateSpecification template(String uri, String name, String text) {
        McpSchema.ResourceTemplate told =
                McpSchema.ResourceTemplate.builder(uri, name).description(text).build();
        return new SyncResourceTemplateSpecification(told, (_, request) -> read(request.uri()));
    }

    private ReadResourceResult read(String uri) {
        Matcher parts = ADDRESS.matcher(uri);
        if (!parts.matches()) {
            throw error("there is no resource " + uri);
        }
        try (DaemonClient client = launcher.client()) {
            if (parts.group(3) != null) {
                return bytes(uri, Outputs.bytes(decoded(parts.group(3)), client));
            }
            String name = decoded(parts.group(1));
            return parts.group(2) == null
                    ? text(uri, Logs.of(client, name, LOG_LINES, null))
                    : file(uri, client, name, decoded(parts.group(2)));
        } catch (ApiException refusal) {
            throw error(refusal.error().error());
        } catch (IOException obstacle) {
            throw error(String.valueOf(obstacle.getMessage()));
        }
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static McpError error(String why) {
        return McpError.builder(McpSchema.ErrorCodes.RESOURCE_NOT_FOUND)
                .message(why)
                .build();
    }

    private static ReadResourceResult text(String uri, String text) {
        return ReadResourceResult.builder(List.of(McpSchema.TextResourceContents.builder(uri, text)
                        .mimeType("text/plain")
                        .build()))
                .build();
    }

    private static ReadResourceResult file(String uri, DaemonClient client, String name, String path)
            throws IOException {
        byte[] bytes = new InstanceFiles(client, name, null).bytes(path, 0, MAX_FILE + 1);
        if (bytes.length > MAX_FILE) {
            throw error(path + " has more than 4 MiB; copy_out copies it to this host");
        }
        String text = FileTools.decoded(ByteBuffer.wrap(bytes));
        return text == null ? bytes(uri, bytes) : text(uri, text);
    }

    private static ReadResourceResult bytes(String uri, byte[] bytes) {
        String blob = Base64.getEncoder().encodeToString(bytes);
        return ReadResourceResult.builder(List.of(McpSchema.BlobResourceContents.builder(uri, blob)
                        .mimeType(Picture.of(bytes).map(Picture::mimeType).orElse("application/octet-stream"))
                        .build()))
                .build();
    }
}
