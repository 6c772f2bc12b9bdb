package dev.aegisvm.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class McpConfigTest {
    @TempDir
    Path home;

    private List<Integer> ports(String config) throws IOException {
        Files.writeString(home.resolve("config.toml"), config);
        return new HostAccess(new AegisHome.Places(home, home), Map.of(), Optional::empty).ports();
    }

    @Test
    void portsAreReadAtEachCallAndNoneAreThereWithoutAWord() throws IOException {
        assertThat(new HostAccess(new AegisHome.Places(home, home), Map.of(), Optional::empty).ports())
                .isEmpty();
        assertThat(ports("memory_mb = 512")).isEmpty();
        assertThat(ports("[mcp]\nallow_host_ports = []")).isEmpty();
        assertThat(ports("[mcp]\nallow_host_ports = [8080, 5432]")).containsExactly(8080, 5432);
        assertThat(ports("mcp.allow_host_ports = [80]\nmcp.workspaces = ['/srv']"))
                .containsExactly(80);
    }

    @Test
    void aNumberThatIsNoPortOpensNone() throws IOException {
        assertThat(ports("mcp.allow_host_ports = [0, -1, 65536, 4294967376]")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mcp.allow_host_ports = 80", "mcp.allow_host_ports = ['80']", "mcp.allow_host_ports = ["})
    void whatCannotBeReadOpensNoneAndSaysSo(String config) {
        assertThatThrownBy(() -> ports(config))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("mcp.allow_host_ports in ");
    }
}
