package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.Build;
import dev.aegisvm.client.DaemonLauncher;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;

/** Shows our tools to an MCP client and calls them for it. Every failure is an answer that a model can use. */
record ToolServer(McpJsonMapper json, DaemonLauncher launcher, List<McpTool> tools) {
    private static final String INSTRUCTIONS = """
        AegisVM runs code in microVMs on this host: each instance is a Linux machine with its own kernel, root, disk and \
        network access out. For a snippet use run_code. For work in several steps start an instance with instance_start \
        (a name, and a command such as ["sleep","infinity"]), then exec in it as often as needed, and instance_delete it \
        at the end. instance_stop keeps the disk. A long output comes in pieces: read on with output_read.""";

    McpSyncServer on(StdioTransport transport) {
        return McpServer.sync(transport)
                .serverInfo("aegis", Build.version())
                .instructions(INSTRUCTIONS)
                .capabilities(
                        McpSchema.ServerCapabilities.builder().tools(false).build())
                .jsonMapper(json)
                // Arguments are checked by ToolArguments, which names the remedy too; no tool declares a schema of its
                // output.
                .validateToolInputs(false)
                .jsonSchemaValidator((schema, value) -> JsonSchemaValidator.ValidationResponse.asValid(null))
                // On the request's own thread.
                .immediateExecution(true)
                .tools(tools.stream().map(this::specification).toList())
                .build();
    }

    private SyncToolSpecification specification(McpTool tool) {
        McpTool.Description told = tool.told();
        boolean reads = told.effect == McpTool.Effect.READS;
        McpSchema.ToolAnnotations annotations = McpSchema.ToolAnnotations.builder()
                .title(told.title)
                .readOnlyHint(reads)
                .destructiveHint(told.effect == McpTool.Effect.DESTROYS)
                .idempotentHint(reads)
                .openWorldHint(told.runsCode)
                .build();
        return SyncToolSpecification.builder()
                .tool(McpSchema.Tool.builder(told.name, ToolArguments.schema(told.arguments))
                        .title(told.title)
                        .description(told.text)
                        .annotations(annotations)
                        .build())
                .callHandler((exchange, request) -> call(tool, exchange, request))
                .build();
    }

    private CallToolResult call(McpTool tool, McpSyncServerExchange exchange, CallToolRequest request) {
        try {
            ToolArguments arguments = ToolArguments.check(
                    tool.told().arguments, Objects.requireNonNullElse(request.arguments(), Map.of()));
            McpTool.Call call = new McpTool.Call(
                    arguments, launcher, progress(exchange, request), StdioTransport.cancelled(exchange));
            return result(tool.action().call(call), false);
        } catch (ApiException refusal) {
            return result(Failure.of(refusal).json(), true);
        } catch (IOException obstacle) {
            return result(Failure.of(obstacle).json(), true);
        } catch (RuntimeException bug) {
            System.err.println(
                    "aegis-mcp: " + request.name() + ": " + bug.getClass().getName());
            return result(Failure.of(bug).json(), true);
        }
    }

    private static CallToolResult result(String text, boolean failed) {
        return CallToolResult.builder().addTextContent(text).isError(failed).build();
    }

    private static Progress progress(McpSyncServerExchange exchange, CallToolRequest request) {
        Object token = request.meta() == null ? null : request.meta().get("progressToken");
        return token == null
                ? Progress.untold()
                : new Progress((seconds, line) ->
                        exchange.progressNotification(McpSchema.ProgressNotification.builder(token, seconds)
                                .message(line)
                                .build()));
    }
}
