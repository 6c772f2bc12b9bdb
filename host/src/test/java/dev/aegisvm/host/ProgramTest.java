package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
    @TempDir
    Path directory;

    private Path program(String name, String permissions) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /** The PATH of a login of Debian leads to no sbin. */
    @Test
    void aSystemProgramIsFoundWhateverThePathOfALoginIs() {
        for (String path : new String[] {"/usr/local/bin:/usr/bin:/bin", "", null}) {
            assertThat(Program.find("mke2fs", Program.searchPath(path)))
                    .get()
                    .asString()
                    .endsWith("sbin/mke2fs");
        }
    }

    @Test
    void thePathComesFirst() throws IOException {
        Path own = program("mke2fs", "rwx------");
        assertThat(Program.find("mke2fs", Program.searchPath(directory.toString())))
                .contains(own);
    }

    @Test
    void whatCannotBeRunIsNoProgram() throws IOException {
        program("aegis-test", "rw-------");
        Files.createDirectory(directory.resolve("aegis-directory"));
        for (String name : List.of("aegis-test", "aegis-directory", "aegis-missing")) {
            assertThat(Program.find(name, Program.searchPath(directory + "::.")))
                    .as(name)
                    .isEmpty();
        }
        assertThatThrownBy(() -> Program.run(List.of("aegis-missing", "-x")))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("aegis-missing is not installed", "/usr/sbin");
    }

    @Test
    void aProgramSeesNothingOfOurEnvironmentButThePath() throws IOException {
        assertThat(Program.run(List.of("env")))
                .startsWith("PATH=")
                .endsWith("/sbin")
                .doesNotContain("\n");
    }

    @Test
    void aDetachedProgramHasASessionOfItsOwn() throws Exception {
        Path script = program("own-session", "rwx------");
        Files.writeString(script, "#!/bin/sh\ncut -d' ' -f1,6 /proc/$$/stat\n");
        Process process = Program.detached(script).start();
        String[] pidAndSession = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split(" ", -1);
        assertThat(pidAndSession[1]).isEqualTo(pidAndSession[0]);
    }

    @Test
    void whoReadsFromWhatIsKilledComesToTheEnd() throws Exception {
        // What it says, it says when it has started the other.
        Process process = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start();
        long other = Long.parseLong(process.inputReader().readLine());
        assertThat(process.descendants().map(ProcessHandle::pid)).containsExactly(other);
        CompletableFuture<Boolean> read = CompletableFuture.supplyAsync(() -> {
            try {
                return process.inputReader().readLine() == null;
            } catch (IOException closed) {
                return true;
            }
        });
        Program.kill(process);
        assertThat(read.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.waitFor()).isNotZero();
    }
}
