package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./aegis} in a checkout that whoever calls it cannot write to. */
@Timeout(60)
class FrontDoorTest {
    @TempDir
    Path checkout;

    @BeforeEach
    void makeCheckout() throws IOException {
        program("aegis", Files.readString(Path.of("../aegis")));
        program("scripts/first-use", "#!/bin/sh\necho first use\n");
    }

    private void program(String name, String text) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Calls it as somebody who may read the checkout only. */
    private Map.Entry<Integer, String> call() throws Exception {
        Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("r-xr-xr-x"));
        List<String> command = new ArrayList<>();
        if (HostUser.ourselves().uid() == 0) {
            command.addAll(List.of("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"));
        }
        command.addAll(List.of(checkout.resolve("aegis").toString(), "version"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Map.Entry<Integer, String> result = Map.entry(process.waitFor(), said);
        Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("rwxr-xr-x"));
        return result;
    }

    @Test
    void oneInWhichNothingIsBuiltSaysWhatToDo() throws Exception {
        Map.Entry<Integer, String> result = call();
        assertThat(result.getKey()).isEqualTo(125);
        assertThat(result.getValue())
                .startsWith("aegis: nothing is built in this checkout, and you cannot write to " + checkout + ":")
                .contains("make all", "clone it");
    }

    @Test
    void oneThatIsBuiltNeedsTheGuestOnly() throws Exception {
        program("bin/aegis", "#!/bin/sh\necho ran \"$@\"\n");
        program("scripts/prepare-guest", "#!/bin/sh\necho prepared\n");
        assertThat(call()).isEqualTo(Map.entry(0, "prepared\nran version\n"));
        program("scripts/prepare-guest", "#!/bin/sh\necho no place >&2\nexit 1\n");
        assertThat(call()).isEqualTo(Map.entry(125, "no place\n"));
    }
}
