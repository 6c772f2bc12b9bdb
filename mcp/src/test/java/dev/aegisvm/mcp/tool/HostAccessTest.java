package dev.aegisvm.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of the host a model may have shown to a guest; {@code user} is a home directory. */
class HostAccessTest {
    @TempDir
    Path root;

    private Path user;
    private Path project;
    private AegisHome home;

    @BeforeEach
    void make() throws IOException {
        root = root.toRealPath();
        user = root.resolve("user");
        project = Files.createDirectories(user.resolve("project"));
        Files.createDirectories(user.resolve(".ssh/deep"));
        Files.createDirectories(root.resolve("shown"));
        Files.createDirectories(user.resolve(".aegis/data"));
        Path own = user.resolve(".aegis");
        home = new AegisHome.Places(own, own.resolve("cache"));
        Files.createSymbolicLink(project.resolve("keys"), user.resolve(".ssh"));
    }

    private HostAccess directories(Optional<List<String>> roots) {
        return new HostAccess(home, Map.of("HOME", user.toString()), () -> roots);
    }

    private HostAccess withRoots(Path... paths) {
        return directories(Optional.of(
                Arrays.stream(paths).map(path -> path.toUri().toString()).toList()));
    }

    @Test
    void theClientsRootsAreAllowedAndNamesAlways() throws IOException {
        HostAccess allowed = withRoots(project);
        assertThat(allowed.workspace(project.toString())).isEqualTo(project.toString());
        assertThat(allowed.workspace("~/project:ro")).isEqualTo(project + ":ro");
        assertThat(allowed.workspace("data")).isEqualTo("data");
        assertThat(withRoots().workspace("data:ro")).isEqualTo("data:ro");
    }

    @Test
    void aNameThatADirectoryHasTooIsTold() throws IOException {
        Path shop = Files.createDirectory(project.resolve("shop"));
        assertThat(withRoots(project).note("shop:copy")).contains(shop + ":copy");
        assertThat(withRoots(project).note("./shop")).isNull();
        assertThat(withRoots(project).note("data")).isNull();
    }

    @Test
    void withoutRootsTheWorkingDirectoryIs() throws IOException {
        Path here = Path.of("").toRealPath();
        assertThat(directories(Optional.empty()).workspace(".")).isEqualTo(here.toString());
        assertThatThrownBy(() -> withRoots(project).workspace(".")).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> withRoots().workspace(project.toString()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("allowed directories: none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "~",
                "~/.ssh",
                "~/.ssh/deep",
                "~/.aegis",
                "~/.aegis/data",
                "~/project/keys",
                "~/project/keys/deep",
                "~/project/.."
            })
    void keysAndWhatIsAboveThemAreNeverAllowed(String path) {
        assertThatThrownBy(() -> withRoots(Path.of("/"), user, user.resolve(".ssh"), project)
                        .workspace(path))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("on this host is not allowed");
    }

    @Test
    void whatTheConfigurationNamesIsForReadingUnlessItSaysMore() throws IOException {
        Path shown = root.resolve("shown");
        Files.writeString(home.root().resolve("config.toml"), "[mcp]\nworkspaces = [\"" + shown + "\"]\n");
        assertThat(withRoots(project).workspace(shown.toString())).isEqualTo(shown + ":ro");
        assertThat(withRoots(project).place(shown.toString()).writable()).isFalse();
        Files.writeString(home.root().resolve("config.toml"), "mcp.workspaces = [\"" + shown + ":rw\"]\n");
        assertThat(withRoots(project).workspace(shown.toString())).isEqualTo(shown.toString());
        Files.writeString(home.root().resolve("config.toml"), "mcp.workspaces = 7\n");
        assertThatThrownBy(() -> withRoots(project).workspace(shown.toString()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("mcp.workspaces in ");
    }

    @Test
    void nobodyIsAskedForAPortThatIsAllowed() throws IOException {
        String message = Hints.forModel("host.aegis:80 is not in the policy; allow it with --allow host.aegis:80");
        assertThat(withRoots().told(message)).isEqualTo(message).contains("a person has to write");
        Files.writeString(home.root().resolve("config.toml"), "mcp.allow_host_ports = [80]\n");
        assertThat(withRoots().told(message)).isEqualTo("host.aegis:80 is not in the policy; allow ['host.aegis:80']");
        assertThat(withRoots().told(message.replace("80", "81"))).contains("mcp.allow_host_ports = [81]");
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThatThrownBy(
                        () -> withRoots(project).place(project.resolve("none").toString()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("there is no ");
    }

    @Test
    void whatAGuestPutsInItsPlaceMeanwhileIsNotEntered() throws IOException {
        Path sub = Files.createDirectories(project.resolve("sub/deep"));
        HostAccess.Place place = withRoots(project).place(sub.toString());
        place.hold(place.path()).close();
        Files.move(project.resolve("sub"), project.resolve("aside"));
        Files.createSymbolicLink(project.resolve("sub"), user.resolve(".ssh"));
        assertThatThrownBy(() -> place.hold(place.path())).isInstanceOf(FileSystemException.class);
    }
}
