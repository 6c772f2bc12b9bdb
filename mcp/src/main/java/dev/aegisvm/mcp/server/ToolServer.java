package dev.aegisvm.mcp.server;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.NewInstance;
import dev.aegisvm.mcp.tool.*;
import io.avaje.jsonb.Jsonb;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.*;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.*;

/** Shows our tools to an MCP client and calls them for it. Every failure is an answer that a model can use. */
public final class ToolServer {
    private static final Pattern NO_IMAGE = Pattern.compile("image_(not_found|unauthorized)|registry_unreachable");

    private static final int MOST_IMAGES = 20;

    private final McpJsonMapper json;
    private final DaemonLauncher launcher;
    private final List<McpTool> tools;

    public ToolServer(McpJsonMapper json, DaemonLauncher launcher, List<McpTool> tools) {
        this.json = json;
        this.launcher = launcher;
        this.tools = tools;
    }

    public McpSyncServer on(StdioTransport transport) {
        return McpServer.sync(transport)
                .serverInfo("aegis", Build.version())
                .instructions(ToolTable.OURS.text("instructions"))
                .capabilities(McpSchema.ServerCapabilities.builder()
                        .tools(false)
                        .resources(false, false)
                        .build())
                .jsonMapper(json)
                // Arguments are checked by ToolArguments, which names the remedy too.
                .validateToolInputs(false)
                .jsonSchemaValidator((schema, value) -> JsonSchemaValidator.ValidationResponse.asValid(null))
                // Of what we ask the client: its roots.
                .requestTimeout(Duration.ofSeconds(30))
                // On the request's own thread.
                .immediateExecution(true)
                .tools(tools.stream().map(this::specification).toList())
                .resourceTemplates(new Resources(launcher).templates())
                .build();
    }

    private SyncToolSpecification specification(McpTool tool) {
        McpSchema.ToolAnnotations.Builder annotations = McpSchema.ToolAnnotations.builder();
        // By the protocol's defaults a tool that says neither changes something, and may lose it.
        McpSchema.ToolAnnotations told = tool.effect().equals("reads")
                ? annotations.readOnlyHint(true).build()
                : annotations.destructiveHint(tool.effect().equals("destroys")).build();
        return SyncToolSpecification.builder()
                .tool(McpSchema.Tool.builder(tool.name(), ToolArguments.schema(tool.arguments()))
                        .description(tool.about())
                        .annotations(told)
                        .build())
                .callHandler((exchange, request) -> call(tool, exchange, request))
                .build();
    }

    private CallToolResult call(McpTool tool, McpSyncServerExchange exchange, CallToolRequest request) {
        try (DaemonClient daemon = launcher.client()) {
            ToolArguments arguments = ToolArguments.check(
                    tool.arguments(), tool.exclusions(), Objects.requireNonNullElse(request.arguments(), Map.of()));
            McpTool.Call call = new McpTool.Call(
                    arguments,
                    launcher,
                    daemon,
                    progress(exchange, request),
                    StdioTransport.cancelled(exchange),
                    new HostAccess(launcher.home(), System.getenv(), () -> roots(exchange)),
                    new CopyOnWriteArrayList<>());
            return answer(tool.action().call(call), call.pictures());
        } catch (ApiException refusal) {
            return failed(told(Failure.of(refusal)));
        } catch (IOException obstacle) {
            return failed(Failure.of(obstacle));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
            System.err.println(
                    "aegis-mcp: " + request.name() + ": " + bug.getClass().getName());
            return failed(Failure.of(bug));
        }
    }

    /** A failure with the path of our settings; of an image that cannot be had, with the names of those that are here. */
    private Failure told(Failure refusal) {
        if (refusal.remedy() == null) {
            return refusal;
        }
        String config = Matcher.quoteReplacement(launcher.home().config().toString());
        String remedy = refusal.remedy().replaceAll("(?<!/)\\bconfig\\.toml", config);
        if (NO_IMAGE.matcher(refusal.code()).matches()) {
            try (DaemonClient client = launcher.client()) {
                Stream<String> names = NewInstance.images(client).sorted().limit(MOST_IMAGES);
                remedy += names.collect(Collectors.joining(", ", "; this host has ", ""));
            } catch (IOException | RuntimeException noList) {
                // The remedy is the same without it.
            }
        }
        return new Failure(refusal.code(), refusal.cause(), remedy);
    }

    /** A client gives a model the text, or what is structured: where there are both, they are the same. */
    private CallToolResult answer(String text, List<Picture> pictures) {
        String whole = text.startsWith("[") ? "{\"items\":" + text + "}" : text;
        CallToolResult.Builder result =
                CallToolResult.builder().addTextContent(whole).isError(false);
        if (whole.startsWith("{") && whole.indexOf('\n') < 0) {
            result.structuredContent(json, whole);
        }
        pictures.forEach(
                picture -> result.addContent(McpSchema.ImageContent.builder(picture.bytes(), picture.mimeType())
                        .build()));
        return result.build();
    }

    private static CallToolResult failed(Failure failure) {
        return CallToolResult.builder()
                .addTextContent(Jsonb.instance().toJson(failure))
                .isError(true)
                .build();
    }

    private static Optional<List<String>> roots(McpSyncServerExchange exchange) {
        McpSchema.ClientCapabilities client = exchange.getClientCapabilities();
        if (client == null || client.roots() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(exchange.listRoots().roots().stream()
                    .map(McpSchema.Root::uri)
                    .toList());
        } catch (RuntimeException noAnswer) {
            return Optional.of(List.of());
        }
    }

    private static McpTool.Progress progress(McpSyncServerExchange exchange, CallToolRequest request) {
        Object token = request.meta() == null ? null : request.meta().get("progressToken");
        return new McpTool.Progress((seconds, line) -> {
            if (token != null) {
                exchange.progressNotification(McpSchema.ProgressNotification.builder(token, seconds)
                        .message(line)
                        .build());
            }
        });
    }
}
