package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tab completion in real shells, at every depth of the command tree. */
@Tag("vm")
@NotInOuterVm("shells, not VMs")
class CompletionTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withBox();

    /** A line as typed, and the same line after Tab. */
    private record Line(String begun, String completed) {}

    private static final List<Line> LINES = List.of(
            new Line("aegis statu", "aegis status"),
            new Line("aegis image pu", "aegis image pull"),
            new Line("aegis image pull --j", "aegis image pull --json"),
            new Line("aegis instance start --mem", "aegis instance start --memory"),
            new Line("aegis instance start --memory 51", "aegis instance start --memory 512M"),
            new Line("aegis instance start --memory=51", "aegis instance start --memory=512M"),
            new Line("aegis run --secret API", "aegis run --secret API_KEY"),
            new Line("aegis secret delete A", "aegis secret delete API_KEY"),
            new Line("aegis cp box:/etc/debian_ver", "aegis cp box:/etc/debian_version"),
            new Line("aegis cp x box:/us", "aegis cp x box:/usr/"),
            new Line("aegis run --env-file /etc/debian_ver", "aegis run --env-file /etc/debian_version"));

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void tabCompletes(String shell) {
        HOME.aegis("secret", "set", "API_KEY", "value").ok();
        StringBuilder line = new StringBuilder("python3 ")
                .append(Path.of("src/test/resources/press-tab.py").toAbsolutePath())
                .append(' ')
                .append(shell);
        LINES.forEach(each -> line.append(" '").append(each.begun()).append('\''));
        HomeFixture.Result pressed =
                HOME.line(line.toString(), HOME.directory()).await();
        assertThat(pressed.stdout().lines())
                .containsExactlyElementsOf(LINES.stream().map(Line::completed).toList());
    }
}
