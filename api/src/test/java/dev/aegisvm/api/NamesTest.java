package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aegisvm.api.Names.InstanceRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"web", "0", "a_b.c-d", "web.prod_2"})
    void goodHandles(String handle) {
        assertThat(Names.handle(handle)).isEqualTo(handle);
        assertThat(new InstanceRef(handle).toString()).isEqualTo(handle);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Web", "-a", ".a", "a/b", "a b", "..", "inst-1", "ä", "a\n"})
    void badHandles(String handle) {
        assertThatThrownBy(() -> Names.handle(handle)).isInstanceOf(ApiException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a/b", "..", "%2e", "a\n"})
    void whatIsNoNameAtAll(String name) {
        assertThatThrownBy(() -> new InstanceRef(name)).isInstanceOf(ApiException.class);
    }

    @Test
    void routesTakeTheNameTheyNeed() {
        assertThat(Routes.STATUS.path()).isEqualTo("/v1/status");
        assertThat(Routes.LOGS.path("web")).isEqualTo("/v1/instances/web/logs");
        assertThatThrownBy(() -> Routes.LOGS.path()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Routes.LIST.path("x")).isInstanceOf(IllegalArgumentException.class);
    }
}
