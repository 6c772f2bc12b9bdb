package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkVerbsTest {
    private static final String EGRESS = """
            {"mode":"allow","allow":["a.test"],"deny":[],"rate":"10M","refused":["b.test is not in the policy"],"connections":1}""";

    @TempDir
    Path home;

    private ScriptedDaemon daemon;

    @BeforeEach
    void open() throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), _ -> ScriptedDaemon.json(EGRESS));
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
    }

    private String asks(String... words) {
        Call call = Call.at(home, words);
        assertThat(call.err()).isEmpty();
        assertThat(call.out()).isEqualTo("""
                    mode:    allow
                    allow:   a.test
                    rate:    10M bytes/s each way
                    open:    1 connection
                    refused: b.test is not in the policy
                    """);
        return daemon.requests().getLast();
    }

    @Test
    void rulesAreAddedAndTakenAway() {
        assertThat(asks("network", "allow", "box", "a.test", "@github"))
                .contains("{\"allow\":[\"a.test\",\"@github\"]");
        assertThat(asks("network", "deny", "box", "a.test", "--now")).contains("\"deny\":[\"a.test\"]", "\"now\":true");
        assertThat(asks("network", "deny", "box", "a.test", "--remove")).contains("\"remove\":[\"a.test\"]");
    }

    @Test
    void aPolicyFileIsSentAsItIs() throws IOException {
        Path file = Files.writeString(home.resolve("policy.toml"), "allow = ['a.test']\n");
        assertThat(asks("network", "apply", "box", file.toString()))
                .startsWith("PATCH /v1/instances/box/network ")
                .contains("\"policy\":\"allow = ['a.test']\\n\"");
        assertThat(asks("network", "apply", "box", "-")).contains("\"policy\":\"typed\"");
    }
}
