package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The MCP server with other people's clients: programs from npm, and the Node that the newest of them needs. */
@Tag("vm")
@Tag("slow")
class McpClientsTest {
    private static final List<String> PACKAGES = List.of(
            "node@22.23.3",
            "@modelcontextprotocol/inspector@2.12.0",
            "@modelcontextprotocol/sdk@1.32.2",
            "@anthropic-ai/claude-code@1.0.100");

    @TempDir
    static Path packages;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    @BeforeAll
    static void install() throws IOException {
        List<String> install = new ArrayList<>(List.of(
                "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", packages.toString()));
        install.addAll(PACKAGES);
        ProcessBuilder npm = new ProcessBuilder(install).redirectErrorStream(true);
        assertThat(output(npm, 0)).isNotNull();
    }

    private static String output(ProcessBuilder builder, int exitCode) throws IOException {
        Process process = builder.start();
        process.getOutputStream().close();
        Thread killer = Thread.ofVirtual().start(() -> killLate(process));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(said).isEqualTo(exitCode);
        killer.interrupt();
        return said;
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(300, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            return;
        }
    }

    /** A program from npm, with this home, and a home directory of its own where the user has one. */
    private String client(String program, String... words) throws IOException {
        Path bin = packages.resolve("node_modules/.bin");
        List<String> command = new ArrayList<>(List.of(bin.resolve(program).toString()));
        command.addAll(List.of(words));
        return output(home.prepared(command, bin).redirectErrorStream(true), 0);
    }

    /** It gives servers a few variables and those that it is told of. */
    private String inspector(String... request) throws IOException {
        List<String> words = new ArrayList<>(List.of("--cli"));
        words.addAll(List.of("-e", "AEGIS_HOME=" + home.directory(), "-e", "AEGIS_CACHE=" + HomeFixture.cache()));
        words.add(home.program("aegis-mcp").toString());
        words.addAll(List.of(request));
        return client("mcp-inspector", words.toArray(String[]::new));
    }

    @Test
    void theInspectorListsAndCallsTools() throws IOException {
        assertThat(inspector("--method", "tools/list"))
                .contains("\"instance_start\"", "\"run_code\"", "\"readOnlyHint\": true");
        List<String> call = List.of("--method", "tools/call", "--tool-name", "run_code");
        List<String> code = List.of("--tool-arg", "language=python", "--tool-arg", "code=print(6*7)");
        assertThat(inspector(Stream.concat(call.stream(), code.stream()).toArray(String[]::new)))
                .contains("42\\n", "\"isError\": false");
    }

    /** @param here where the client works, and with it the server */
    private List<String> sdk(Path here, String... root) throws IOException {
        // Node looks for packages beside the script.
        Path script = Files.copy(
                Path.of("src/test/resources/mcp-client.mjs"),
                packages.resolve("mcp-client.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        List<String> command = new ArrayList<>(
                List.of("node", script.toString(), home.program("aegis-mcp").toString()));
        command.addAll(List.of(root));
        ProcessBuilder client = home.prepared(command, packages).directory(here.toFile());
        List<String> said = output(client, 0).lines().toList();
        assertThat(said.subList(0, said.size() - 1)).isNotEmpty().allMatch(line -> line.endsWith(": right"));
        return said;
    }

    @Test
    void theOfficialSdkCallsEveryTool(@TempDir Path here) throws IOException {
        assertThat(sdk(here)).hasSizeGreaterThanOrEqualTo(15).endsWith("not called: ");
    }

    @Test
    void theOfficialSdkTellsItsRoots(@TempDir Path here, @TempDir Path root) throws IOException {
        assertThat(sdk(here, root.toString())).hasSize(5);
        assertThat(root.resolve("hostname")).isNotEmptyFile();
    }

    @Test
    void claudeCodeConnectsToWhatInstallRegistered() throws IOException {
        Path bin = packages.resolve("node_modules/.bin");
        List<String> install = List.of(home.program("aegis").toString(), "mcp", "install");
        assertThat(output(home.prepared(install, bin).redirectErrorStream(true), 0))
                .contains("aegis");
        assertThat(client("claude", "mcp", "list")).containsPattern("aegis: .*aegis-mcp.*Connected");
        List<String> uninstall = List.of(home.program("aegis").toString(), "mcp", "uninstall");
        assertThat(output(home.prepared(uninstall, bin).redirectErrorStream(true), 0))
                .contains("aegis");
        assertThat(client("claude", "mcp", "list")).doesNotContain("aegis-mcp");
    }
}
