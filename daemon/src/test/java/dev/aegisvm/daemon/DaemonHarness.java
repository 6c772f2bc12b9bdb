package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.aegisvm.daemon.fake.FakeVmm;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.daemon.home.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A daemon on a home of its own and a fake hypervisor, as a test needs it. */
final class DaemonHarness implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[0-9a-f]+)\"");

    final FakeVmm vmm = new FakeVmm();
    final Home home;
    final Http http;
    /** What the host says it has. */
    volatile long availableMb = 65_536;

    private final Map<String, String> environment = new HashMap<>();
    private Daemon daemon;

    private DaemonHarness(Path directory) throws IOException, HomeException {
        environment.put("AEGIS_HOME", directory.resolve("home").toString());
        this.home = Home.of(environment, PrivateDirectory.ourUid());
        this.http = new Http(home.socket());
        this.daemon =
                Daemon.open(home, Config.read(home.config(), environment), vmm, () -> OptionalLong.of(availableMb));
    }

    static DaemonHarness open(Path directory) throws IOException, HomeException {
        return new DaemonHarness(directory);
    }

    /** Ends the daemon in good order and starts another one on the same home. */
    void restart() throws HomeException {
        daemon.close();
        daemon = Daemon.open(home, Config.read(home.config(), environment), vmm, () -> OptionalLong.of(availableMb));
    }

    /** Creates an instance and returns its id. */
    String create(String body) throws IOException {
        Http.Answer answer = http.post("/v1/instances", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        Matcher id = ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    void awaitState(String name, String state) {
        await().untilAsserted(() ->
                assertThat(http.get("/v1/instances/" + name).body()).contains("\"state\":\"" + state + "\""));
    }

    /** Creates an instance that runs until it is stopped, and waits until it runs. */
    String running(String handle) throws IOException {
        String id = create("{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\"}");
        awaitState(handle, "running");
        return id;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
