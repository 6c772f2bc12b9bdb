package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code aegis mcp} asks of a {@code claude} that is a script; e2e has the real one. */
class McpVerbsTest {
    @TempDir
    Path directory;

    @BeforeEach
    void programs() throws IOException {
        program("aegis-mcp", "");
        program("claude", "echo \"$@\" >>\"$CALLS\"; echo said; case $2 in remove) exit ${REMOVES:-0};; esac\n");
        System.setProperty("aegis.bin", directory.toString());
    }

    @AfterEach
    void reset() {
        System.clearProperty("aegis.bin");
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private Path server() {
        return directory.resolve("aegis-mcp");
    }

    private Call call(String path, String removes, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                Channels.newChannel(out),
                Channels.newChannel(err),
                false,
                false);
        Map<String, String> environment =
                Map.of("AEGIS_HOME", "/tmp/a home", "PATH", path, "CALLS", calls().toString(), "REMOVES", removes);
        int exitCode = new Aegis(new Session(console, environment)).run(List.of(words));
        return new Call(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }

    private Path calls() {
        return directory.resolve("calls");
    }

    private String path() {
        return "/nonexistent::" + directory + ":/usr/bin:/bin";
    }

    @Test
    void installAddsTheServerForTheUser() throws IOException {
        assertThat(call(path(), "1", "mcp", "install")).isEqualTo(new Call(0, "said\n", ""));
        assertThat(Files.readAllLines(calls()))
                .containsExactly(
                        "mcp remove --scope user aegis",
                        "mcp add --transport stdio --scope user aegis --env AEGIS_HOME=/tmp/a home -- " + server());
    }

    @Test
    void orForTheProject() throws IOException {
        assertThat(call(path(), "0", "mcp", "install", "--project").exitCode()).isZero();
        assertThat(call(path(), "0", "mcp", "uninstall", "--project").exitCode())
                .isZero();
        assertThat(Files.readAllLines(calls()))
                .allMatch(line -> line.contains("--scope project aegis"))
                .hasSize(3);
    }

    @Test
    void printChangesNothing() {
        assertThat(call("", "0", "mcp", "install", "--print").out()).isEqualTo("""
                {
                  "mcpServers": {
                    "aegis": {
                      "type": "stdio",
                      "command": "%s",
                      "args": [
                      ],
                      "env": {
                        "AEGIS_HOME": "/tmp/a home"
                      }
                    }
                  }
                }
                """.formatted(server()));
        assertThat(calls()).doesNotExist();
    }

    @Test
    void whatFailsIsTold() throws IOException {
        assertThat(call("/usr/bin:/bin", "0", "mcp", "install"))
                .isEqualTo(new Call(
                        1,
                        "",
                        "aegis: there is no `claude` on the PATH; for other MCP clients: aegis mcp install --print\n"));
        assertThat(call(path(), "3", "mcp", "uninstall"))
                .isEqualTo(new Call(1, "", "aegis: `claude mcp remove` ended with exit code 3: said\n"));
        Files.delete(server());
        assertThat(call(path(), "0", "mcp", "install").err()).contains("the MCP server is missing", "make all");
    }
}
