package dev.aegisvm.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.cli.verbs.McpVerbs.McpClients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class McpClientsTest {
    private static final McpClients.Start START =
            new McpClients.Start("/opt/a b/aegis-mcp", Map.of("AEGIS_HOME", "/srv/\"x\""));

    @TempDir
    Path home;

    private Path file(McpClients client) {
        return client.file(home, false).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsNotThereIsMadeAndEmptiedAgain(McpClients client) throws IOException {
        assertThat(client.write(file(client), Optional.of(START))).isTrue();
        String made = Files.readString(file(client));
        assertThat(made).contains("aegis", "/opt/a b/aegis-mcp", "AEGIS_HOME", "/srv/\\\"x\\\"");
        assertThat(client.write(file(client), Optional.of(START))).as("twice").isFalse();
        assertThat(client.write(file(client), Optional.empty())).isTrue();
        assertThat(file(client)).content().doesNotContain("aegis");
        assertThat(client.write(file(client), Optional.empty())).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = McpClients.class,
            names = {"CLAUDE_DESKTOP", "CURSOR", "VSCODE"})
    void whatElseIsInAFileOfJsonStays(McpClients client) throws IOException {
        String key = client == McpClients.VSCODE ? "servers" : "mcpServers";
        Files.createDirectories(file(client).getParent());
        Files.writeString(
                file(client),
                "{\"theme\": [1, 2.5, null], \"" + key
                        + "\": {\"other\": {\"command\": \"x\"}, \"aegis\": {\"command\": \"old\"}}}");
        client.write(file(client), Optional.of(START));
        assertThat(Files.readString(file(client)).replaceAll("\\s", ""))
                .contains("\"theme\":[1,2.5,null]", "\"other\":{\"command\":\"x\"}")
                .doesNotContain("old");
        client.write(file(client), Optional.empty());
        assertThat(Files.readString(file(client)).replaceAll("\\s", ""))
                .isEqualTo("{\"theme\":[1,2.5,null],\"" + key + "\":{\"other\":{\"command\":\"x\"}}}");
    }

    @Test
    void whatElseIsInAFileOfTomlStays() throws IOException {
        String others = "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\"\n";
        Path file = file(McpClients.CODEX);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(
                file,
                others
                        + "\n[mcp_servers.aegis]\ncommand = \"old\"\n[mcp_servers.aegis.env]\nA = \"b\"\n[tui]\nz = 1\n");
        McpClients.CODEX.write(file, Optional.of(START));
        assertThat(file).content().startsWith(others + "\n[tui]\nz = 1\n").doesNotContain("old", "A = ");
        McpClients.CODEX.write(file, Optional.empty());
        assertThat(file).content().isEqualTo(others + "\n[tui]\nz = 1\n");
    }

    @Test
    void aFileThatIsNoJsonIsLeftAlone() throws IOException {
        Path file = file(McpClients.VSCODE);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, "{ // a comment\n}");
        assertThatThrownBy(() -> McpClients.VSCODE.write(file, Optional.of(START)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--print");
        assertThat(file).content().isEqualTo("{ // a comment\n}");
    }
}
