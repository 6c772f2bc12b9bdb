package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In directories that look like cgroups. The kernel's own were seen by hand: few machines delegate one to a build. */
class CgroupTest {
    @TempDir
    Path directory;

    private void delegate(String controllers) throws IOException {
        Files.setAttribute(directory, "user:delegate", new byte[] {'1'});
        Files.writeString(directory.resolve("cgroup.controllers"), controllers);
        Files.writeString(directory.resolve("cgroup.procs"), "123\n");
    }

    @Test
    void oneThatIsNotOursIsLeftAlone() {
        assertThatThrownBy(() -> Cgroup.at(directory)).hasMessageContaining("not delegated");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void oneWithoutMemoryIsLeftAlone() throws IOException {
        delegate("cpu pids");
        assertThatThrownBy(() -> Cgroup.at(directory)).hasMessageContaining("no memory controller");
        assertThat(directory.resolve("aegisd")).doesNotExist();
    }

    @Test
    void eachProgramHasALimit() throws IOException {
        delegate("cpu memory pids\n");
        Path left = Files.createDirectory(directory.resolve("jail-1-1"));
        Cgroup cgroup = Cgroup.at(directory);
        assertThat(left).doesNotExist();
        assertThat(cgroup.wall().stands()).isTrue();
        assertThat(directory.resolve("aegisd/cgroup.procs")).hasContent("123");
        assertThat(directory.resolve("cgroup.subtree_control")).hasContent("+memory");
        var _ = cgroup.limit(77, 4096);
        Path limited = directory.resolve("jail-" + ProcessHandle.current().pid() + "-1");
        assertThat(limited.resolve("memory.max")).hasContent("4096");
        assertThat(limited.resolve("cgroup.procs")).hasContent("77");
    }

    @Test
    void withoutOneNothingIsLimited() throws IOException {
        Cgroup none = Cgroup.none("because");
        none.limit(1, 4096).run();
        assertThat(none.wall()).isEqualTo(new Wall("memory", false, "because"));
    }
}
