package dev.aegisvm.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
    @ParameterizedTest
    @CsvSource({
        "api.example.com, api.example.com",
        "API.Example.com., api.example.com",
        "api.example.com:443, api.example.com:443",
        "*.api.example.com, *.api.example.com",
        "*.Example.com:8443, *.example.com:8443",
        "bücher.example, xn--bcher-kva.example",
        "_srv._tcp.example.org, _srv._tcp.example.org",
        "localhost, localhost",
        "10.1.2.3, 10.1.2.3",
        "10.1.2.3/32, 10.1.2.3",
        "10.1.2.3:5432, 10.1.2.3:5432",
        "10.0.0.0/8, 10.0.0.0/8",
        "10.0.0.0/8:22, 10.0.0.0/8:22",
        "[10.0.0.0/8]:22, 10.0.0.0/8:22",
        "0.0.0.0/0, 0.0.0.0/0",
        "::1, ::1",
        "::/0, ::/0",
        "fd00:0:0::/8, fd00::/8",
        "[fd00::1], fd00::1",
        "[fd00::1]:443, [fd00::1]:443",
        "[fd00::/8]:443, [fd00::/8]:443",
        "::ffff:10.0.0.1, 10.0.0.1",
        "@github, @github",
        "instance:db, instance:db",
        "instance:db:5432, instance:db:5432",
        "instance:a_b.c-1, instance:a_b.c-1",
        "from:app, from:app",
        "host.aegis:8080, host.aegis:8080",
        "host.docker.internal:8080, host.aegis:8080",
        "https://api.example.com/, api.example.com:443",
        "http://api.example.com, api.example.com:80",
        "http://[fd00::1]:8080/, [fd00::1]:8080",
    })
    void takesTheWordsOfTheDocument(String word, String same) throws PolicyException {
        Rule rule = Rule.parse(word);
        assertThat(rule.word()).isEqualTo(same);
        assertThat(Rule.parse(same)).isEqualTo(rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "*                     | --network public",
                "host.aegis            | write host.aegis:8080",
                "*.host.aegis          | write host.aegis:8080",
                "db.aegis              | write instance:NAME",
                "aegis                 | write instance:NAME",
                "instance:             | write instance:NAME",
                "instance:DB           | write instance:NAME",
                "from:app:80           | write from:NAME",
                "instance:db:x         | a port must be 1 to 65535, not 'x'",
                "api.example.com:0            | a port must be 1 to 65535, not '0'",
                "api.example.com:65536        | a port must be 1 to 65535",
                "api.example.com:0443         | a port must be 1 to 65535",
                "api.example.com:             | a port must be 1 to 65535",
                "api.example.com:443:1        | not a valid address or range",
                "10.0.0.1/8            | write 10.0.0.0/8",
                "fd00::1/8             | write fd00::/8",
                "10.0.0.0/33           | /0 to /32",
                "fd00::/129            | /0 to /128",
                "10.0.0.0/08           | not a valid address or range",
                "127.1                 | write 10.1.2.3",
                "2130706433            | write 10.1.2.3",
                "010.0.0.1             | write 10.1.2.3",
                "1.2.3.256             | write 10.1.2.3",
                "1.2.3.4.5             | write 10.1.2.3",
                "0x7f.0.0.1            | not a valid rule: write a host",
                "0x7f000001            | not a valid rule: write a host",
                "127.0.0.0x1           | not a valid rule: write a host",
                "fe80::1%eth0          | not a valid address or range",
                "[fe80::1%eth0]:1      | not a valid address or range",
                "[api.example.com]:443        | not a valid address or range",
                "@                     | @PRESET",
                "@PyPI                 | @PRESET",
                "@npm:443              | @PRESET",
                "https://api.example.com/v1   | a rule is about all of a host: write api.example.com:443",
                "http://[fd00::1]?q           | a rule is about all of a host: write [fd00::1]:80",
                "http://u@api.example.com/    | is a URL: write only its host",
                "ftp://api.example.com/       | is a URL: write only its host",
                "api.example.com/simple       | not a valid rule: write a host",
                "user@api.example.com         | not a valid rule: write a host",
                "example..com          | not a valid rule: write a host",
                ".api.example.com             | not a valid rule: write a host",
                "**.api.example.com           | not a valid rule: write a host",
                "py*.org               | not a valid rule: write a host",
                "-api.example.com             | not a valid rule: write a host",
                "example com           | not a valid rule: write a host",
                "\" \"                 | 1 to 300 characters",
                "\"\"                  | 1 to 300 characters",
            })
    void saysWhatToWriteInstead(String word, String advice) {
        assertThatThrownBy(() -> Rule.parse(word))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining(advice);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab.", "x.y"})
    void aNameHasABound(String end) {
        assertThatThrownBy(() -> Rule.parse("a".repeat(301) + end)).hasMessageContaining("1 to 300");
        assertThatThrownBy(() -> Rule.parse("a".repeat(64) + "." + end)).hasMessageContaining("not a valid rule");
        assertThatThrownBy(() -> Rule.parse("a.".repeat(127) + end)).hasMessageContaining("not a valid rule");
    }

    @Test
    void aFileHasTheSameWords() throws PolicyException {
        PolicyFile file = PolicyFile.parse("p.toml", """
                network = "allow" # and what it says
                allow = ["@npm", "api.example.com:443", "[fd00::1]:5432"]
                deny = ["telemetry.example.com"]
                """);
        assertThat(file.mode()).contains(Mode.ALLOW);
        assertThat(file.allow())
                .extracting(Rule::word)
                .containsExactly("@npm", "api.example.com:443", "[fd00::1]:5432");
        assertThat(file.deny()).extracting(Rule::word).containsExactly("telemetry.example.com");
        assertThat(PolicyFile.parse("p.toml", "")).isEqualTo(PolicyFile.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "network = 'closed'    | none, public, allow or open, not 'closed'",
                "network = 1           | none, public, allow or open, not '1'",
                "allow = 'api.example.com' | p.toml: allow must be a list of rules",
                "allow = [1]           | p.toml: allow must be a list of rules",
                "deny = ['10.0.0.1/8'] | write 10.0.0.0/8",
                "allowed = []          | unknown key 'allowed'",
                "allow = [             | p.toml",
                "allow = ['\\']        | p.toml contains a backslash",
            })
    void aFileThatIsWrongIsNamedWithWhatIsWrong(String text, String advice) {
        assertThatThrownBy(() -> PolicyFile.parse("p.toml", text.replace('\'', '"')))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining(advice);
    }

    @Test
    void aFileThatIsMadeToExhaustIsRefused() {
        assertThatThrownBy(() -> PolicyFile.parse("p.toml", "allow = " + "[".repeat(50_000)))
                .hasMessageContaining("100 brackets");
        assertThatThrownBy(() -> PolicyFile.parse("p.toml", "#".repeat(70_000)))
                .hasMessageContaining("65536 characters");
    }
}
