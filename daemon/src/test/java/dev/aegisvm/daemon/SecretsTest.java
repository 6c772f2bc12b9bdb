package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Secrets through the API, into the processes of a scripted guest, and nowhere else. */
class SecretsTest {
    private static final String CANARY = "canary-2f6e1c";

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private void set(String name, String value) throws IOException {
        Http.Answer answer = daemon.http.send("PUT", "/v1/secrets/" + name, "{\"value\":\"" + value + "\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"name\":\"" + name + "\"", "created_at")
                .doesNotContain(value);
    }

    /** Starts an instance and waits until it runs. */
    private void start(String handle, String fields, String... command) throws IOException {
        daemon.create("{\"command\":[\"" + String.join("\",\"", command) + "\"],\"handle\":\"" + handle + "\"" + fields
                + "}");
        daemon.awaitState(handle, "running");
    }

    private String variable(String handle, String name, String fields) throws IOException {
        return daemon.http
                .post("/v1/instances/" + handle + "/exec", "{\"command\":[\"env\",\"" + name + "\"]" + fields + "}")
                .body();
    }

    @Test
    void namesAreListedAndValuesAreNot() throws IOException {
        assertThat(daemon.http.get("/v1/secrets").body()).isEqualTo("[]");
        set("B", "two");
        set("A", "one");
        String list = daemon.http.get("/v1/secrets").body();
        assertThat(list)
                .matches(
                        "\\[\\{\"name\":\"A\",\"created_at\":\"[^\"]+\"},\\{\"name\":\"B\",\"created_at\":\"[^\"]+\"}]");
        set("A", "three");
        assertThat(daemon.http.get("/v1/secrets").body()).isEqualTo(list);
        assertThat(daemon.http.delete("/v1/secrets/A")).isEqualTo(new Http.Answer(200, "{\"status\":\"deleted\"}"));
        assertThat(daemon.http.delete("/v1/secrets/A").status()).isEqualTo(404);
        assertThat(daemon.http.get("/v1/secrets").body()).doesNotContain("\"A\"");
    }

    @Test
    void whatIsNoValueIsRefused() throws IOException {
        for (String body : List.of("{}", "{\"value\":\"\"}", "{\"value\":null}", "", "{\"value\":\"a\\u0000\"}")) {
            assertThat(daemon.http.send("PUT", "/v1/secrets/A", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
        Http.Answer wrongField = daemon.http.send("PUT", "/v1/secrets/A", "{\"valeu\":\"" + CANARY + "\"}");
        assertThat(wrongField.status()).isEqualTo(400);
        assertThat(wrongField.body()).doesNotContain(CANARY);
        Http.Answer large = daemon.http.send("PUT", "/v1/secrets/A", "{\"value\":\"" + "x".repeat(65_537) + "\"}");
        assertThat(large.status()).isEqualTo(413);
    }

    @Test
    void processesGetTheSecretsThatTheInstanceNames() throws IOException {
        set("A", "one");
        set("B", "two");
        start("none", "", "sleep");
        assertThat(variable("none", "A", "")).contains("\"line\":\"unset\"");
        start("some", ",\"secrets\":[\"A\"]", "sleep");
        assertThat(variable("some", "A", "")).contains("\"line\":\"one\"");
        assertThat(variable("some", "B", "")).contains("\"line\":\"unset\"");
        start("all", ",\"secrets\":[\"*\"]", "sleep");
        assertThat(variable("all", "B", "")).contains("\"line\":\"two\"");
        assertThat(daemon.http.get("/v1/instances/some").body()).contains("\"secrets\":[\"A\"]");
        daemon.create("{\"command\":[\"env\",\"A\"],\"handle\":\"main\",\"secrets\":[\"A\"]}");
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/main/logs").body()).contains("\"line\":\"one\""));
    }

    @Test
    void whatIsExplicitWinsAndTheIdIsAlwaysTrue() throws IOException {
        set("A", "secret");
        set("PATH", "/secret");
        set("AEGIS_INSTANCE_ID", "forged");
        start("box", ",\"secrets\":[\"*\"],\"env\":{\"A\":\"explicit\"}", "sleep");
        assertThat(variable("box", "A", "")).contains("\"line\":\"explicit\"");
        assertThat(variable("box", "A", ",\"env\":{\"A\":\"exec\"}")).contains("\"line\":\"exec\"");
        assertThat(variable("box", "PATH", "")).contains("\"line\":\"/secret\"");
        assertThat(variable("box", "AEGIS_INSTANCE_ID", ",\"env\":{\"AEGIS_INSTANCE_ID\":\"forged\"}"))
                .containsPattern("\"line\":\"inst-[0-9a-f]+\"");
    }

    @Test
    void aChangedSecretIsSeenAfterTheNextBoot() throws Exception {
        set("A", "one");
        start("box", ",\"secrets\":[\"A\"]", "sleep");
        set("A", "two");
        assertThat(variable("box", "A", "")).contains("\"line\":\"one\"");
        daemon.restart();
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(variable("box", "A", "")).contains("\"line\":\"two\"");
    }

    @Test
    void aBootWithoutItsSecretFailsAndSaysWhich() throws IOException {
        set("A", "one");
        start("box", ",\"secrets\":[\"A\"]", "sleep");
        daemon.http.post("/v1/instances/box/stop", "");
        daemon.http.delete("/v1/secrets/A");
        failsToStart("there is no secret 'A' (set it with 'aegis secret set A')");
        set("A", "two");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
    }

    private void failsToStart(String reason) throws IOException {
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitTold("box", "stopped");
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"state\":\"stopped\"", reason));
    }

    @Test
    void withoutTheKeyTheRestGoesOn() throws IOException {
        set("A", "one");
        start("box", ",\"secrets\":[\"A\"]", "sleep");
        daemon.http.post("/v1/instances/box/stop", "");
        byte[] key = Files.readAllBytes(daemon.home.masterKey());
        Files.delete(daemon.home.masterKey());
        failsToStart("is missing, but secrets are encrypted with it");
        start("other", "", "sleep");
        assertThat(daemon.http.get("/v1/secrets").body()).contains("\"A\"");
        Http.Answer put = daemon.http.send("PUT", "/v1/secrets/B", "{\"value\":\"x\"}");
        assertThat(put.status()).isEqualTo(500);
        assertThat(put.body()).contains("\"code\":\"secret_unreadable\"", "master.key");
        Files.write(daemon.home.masterKey(), key);
        Files.setPosixFilePermissions(
                daemon.home.masterKey(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        assertThat(variable("box", "A", "")).contains("\"line\":\"one\"");
    }

    @Test
    void aRowThatWasMovedIsRefused() throws Exception {
        set("A", "one");
        set("B", "two");
        start("box", ",\"secrets\":[\"A\"]", "sleep");
        daemon.http.post("/v1/instances/box/stop", "");
        sql("UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'B') WHERE name = 'A'");
        failsToStart("the secret 'A' was changed in the registry");
        set("A", "three");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + daemon.home.registry());
                Statement change = connection.createStatement()) {
            assertThat(change.executeUpdate(statement)).isEqualTo(1);
        }
    }

    @Test
    void noFileOfTheHomeHasAValueInClear() throws Exception {
        set("A", CANARY);
        start("box", ",\"secrets\":[\"*\"]", "sleep");
        daemon.http.post("/v1/instances", "{\"command\":[\"a\"],\"secrets\":[\"" + CANARY + "\"]}");
        List<String> answers = new ArrayList<>();
        for (String path :
                List.of("/v1/instances", "/v1/instances/box", "/v1/secrets", "/v1/events", "/v1/instances/box/logs")) {
            answers.add(daemon.http.get(path).body());
        }
        assertThat(answers).noneMatch(answer -> answer.contains(CANARY));
        daemon.http.post("/v1/instances/box/stop", "");
        int read = 0;
        try (var files = Files.walk(daemon.home.root())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(CANARY);
                read++;
            }
        }
        assertThat(read).isGreaterThan(3);
    }

    @Test
    void whatIsPrintedOfASecretIsHiddenInTheLogAndWhereThatIsAskedFor() throws Exception {
        set("KEY", CANARY);
        start("box", ",\"secrets\":[\"KEY\"]", "sleep");
        String exec = "/v1/instances/box/exec";
        String body = "{\"command\":[\"env\",\"KEY\"]}";
        try (Http.Connection raw = daemon.http.upgrade(exec, body);
                Http.Connection masked = daemon.http.upgrade(exec + "?mask=true", body)) {
            assertThat(new String(raw.in.readAllBytes(), StandardCharsets.UTF_8))
                    .contains(CANARY);
            assertThat(new String(masked.in.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("[secret]")
                    .doesNotContain(CANARY);
        }
        assertThat(daemon.http.get("/v1/instances/box/logs").body())
                .contains("\"line\":\"[secret]\"")
                .doesNotContain(CANARY);
    }
}
