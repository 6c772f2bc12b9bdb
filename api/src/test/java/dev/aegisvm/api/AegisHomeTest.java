package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AegisHomeTest {
    @Test
    void placesFollowTheEnvironmentAsThoseOfTheDaemonDo() {
        assertThat(AegisHome.of(Map.of("HOME", "/home/me")).socket()).hasToString("/home/me/.aegis/aegisd.sock");
        assertThat(AegisHome.of(Map.of("HOME", "/home/me")).cache()).hasToString("/home/me/.aegis/cache");
        Map<String, String> named =
                Map.of("HOME", "/home/me", "AEGIS_HOME", "/srv/aegis", "AEGIS_CACHE", "/var/cache/aegis");
        assertThat(AegisHome.of(named).socket()).hasToString("/srv/aegis/aegisd.sock");
        assertThat(AegisHome.of(named).cache()).hasToString("/var/cache/aegis");
    }

    @Test
    void whoeverHasNoHomeInTheEnvironmentIsLookedUp() {
        assertThat(AegisHome.of(Map.of()).root()).hasToString(System.getProperty("user.home") + "/.aegis");
    }
}
