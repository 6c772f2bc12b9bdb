package dev.aegisvm.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.Routes;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final RouteTable table = new RouteTable();

    @Test
    void aRouteWithoutAHandlerIsNamed() {
        table.serve(Routes.GET, exchange -> {});
        assertThatCode(() -> table.check(List.of(Routes.GET))).doesNotThrowAnyException();
        assertThatThrownBy(() -> table.check(Routes.all()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'GET /v1/status' has 0 handlers");
    }

    @Test
    void aRouteWithTwoHandlersIsNamed() {
        table.serve(Routes.GET, exchange -> {});
        table.serve(Routes.GET, exchange -> {});
        assertThatThrownBy(() -> table.check(List.of(Routes.GET)))
                .hasMessageContaining("'GET /v1/instances/{id}' has 2 handlers");
    }

    @Test
    void findsTheRouteAndTheNamesInItsPath() {
        RouteTable.Handler kill = exchange -> {};
        RouteTable.Handler write = exchange -> {};
        table.serve(Routes.KILL_EXEC, kill);
        table.serve(Routes.WRITE_FILE, write);
        RouteTable.Match match = table.find("DELETE", "/v1/instances/box/execs/exec-1");
        assertThat(match).isEqualTo(new RouteTable.Match(false, List.of("box", "exec-1"), kill));
        assertThat(table.find("PUT", "/v1/instances/box/files"))
                .isEqualTo(new RouteTable.Match(true, List.of("box"), write));
        assertThatThrownBy(() -> refused("DELETE", "/v1/instances//execs/exec-1"))
                .isInstanceOf(ApiException.class)
                .hasMessage("there is no such path");
        assertThatThrownBy(() -> refused("PUT", "")).hasMessage("there is no such path");
        assertThatThrownBy(() -> refused("GET", "/v1/instances/box/execs/exec-1"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refusal -> assertThat(refusal.status()).isEqualTo(405));
    }

    @SuppressWarnings("NullAway") // Nothing of it is asked for.
    private void refused(String method, String path) throws Exception {
        RouteTable.Match match = table.find(method, path);
        assertThat(match.streamsBody()).isFalse();
        match.handler().handle(null);
    }
}
