package dev.aegisvm.cli;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.ExecStarted;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.InstanceViewBuilder;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.client.DaemonException;
import dev.aegisvm.client.DaemonLauncher;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Plays the usual commands against answers from a script. The build records what this loads in the start-up (AOT)
 * cache, from which the real commands then start; no daemon and no VM are needed for it.
 */
public final class Rehearsal {
    private static final Instant THEN = Instant.EPOCH;
    private static final String ID = "inst-rehearsal";

    private Rehearsal() {}

    /** Plays all, and fails when a command does. */
    public static void main(String[] words) throws IOException {
        Path home = Files.createTempDirectory("aegis-rehearsal");
        Path socket = home.resolve("aegisd.sock");
        try (ScriptedDaemon daemon = new ScriptedDaemon(socket, Rehearsal::answer)) {
            play(Map.of("AEGIS_HOME", home.toString()));
            if (daemon.requests().isEmpty()) {
                throw new IllegalStateException("nobody asked the scripted daemon");
            }
        }
        Files.delete(socket);
        startInVain(home);
    }

    /** Loads what starts a daemon; this one ends at once. */
    private static void startInVain(Path home) throws IOException {
        Path program = home.resolve("aegisd");
        Files.writeString(program, "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        AegisHome places = AegisHome.of(Map.of("AEGIS_HOME", home.toString()));
        try {
            boolean started = new DaemonLauncher(places, program, Duration.ofSeconds(10)).launch();
            throw new IllegalStateException("a daemon that does nothing was started: " + started);
        } catch (DaemonException expected) {
            for (Path left : List.of(places.startLock(), places.daemonLog(), places.data(), program, home)) {
                Files.delete(left);
            }
        }
    }

    private static void play(Map<String, String> environment) {
        WritableByteChannel out = Console.ofProcess(environment).out();
        Console console = new Console(System.in, out, out, false, true);
        List<List<String>> commands = List.of(
                List.of("status"),
                List.of("run", "--env", "A=b", "--", "true"),
                List.of("run", "--image", "app", "--", "true"),
                List.of("exec", "box", "--", "true"),
                List.of("exec", "-t", "box", "--", "true"),
                List.of("logs", "box"),
                List.of("instance", "start", "--name", "box", "--memory", "512M", "--", "sleep", "1"),
                List.of("instance", "list"),
                List.of("instance", "info", "box"),
                List.of("instance", "stop", "box"),
                List.of("instance", "delete", "box"),
                List.of("__complete", "instance", "stop", ""),
                List.of("run", "--help"));
        for (List<String> command : commands) {
            int exitCode = new Aegis(new Session(console, environment)).run(command);
            if (exitCode != 0) {
                throw new IllegalStateException(command + " exits with " + exitCode);
            }
        }
    }

    private static byte[] answer(String request) {
        if (request.contains("Upgrade: ")) {
            return upgraded();
        }
        return switch (request.substring(0, Math.max(0, request.indexOf(" HTTP/1.1")))) {
            case "GET /v1/status" ->
                ScriptedDaemon.json(
                        ApiJson.write(new StatusView("running", "none", Map.of(), "0", 1, 1, 1, null, null, null)));
            case "GET /v1/instances" -> ScriptedDaemon.json(ApiJson.write(Routes.LIST.answer(), List.of(instance())));
            case "GET /v1/instances/box/logs" ->
                ScriptedDaemon.chunk(
                        ApiJson.text(entry(LogStream.STDOUT)) + "\n" + ApiJson.text(entry(LogStream.SYSTEM)) + "\n");
            case "POST /v1/images/pull" ->
                ScriptedDaemon.chunk(ApiJson.text(ImageProgress.of(
                                List.of(new ImageView("sha256:0", List.of("app"), 1, THEN, List.of()))))
                        + "\n");
            case "DELETE /v1/instances/box", "POST /v1/instances/box/stop" ->
                ScriptedDaemon.json("{\"status\":\"done\"}".getBytes(StandardCharsets.UTF_8));
            default -> ScriptedDaemon.json(ApiJson.write(instance()));
        };
    }

    private static byte[] upgraded() {
        return ScriptedDaemon.stream(
                StreamFrame.of(StreamFrame.Type.CREATED, instance()),
                StreamFrame.of(StreamFrame.Type.STARTED, new ExecStarted("main", THEN, 1L)),
                StreamFrame.of(StreamFrame.Type.STDOUT, new byte[] {'\n'}, 0, 1),
                StreamFrame.of(StreamFrame.Type.STDERR, new byte[] {'\n'}, 0, 1),
                StreamFrame.of(StreamFrame.Type.EXIT, new ProcessExit(0, null, null, null)));
    }

    private static LogEntry entry(LogStream stream) {
        return new LogEntry(THEN, stream, "a line", LogSource.SERVER, ID, null, null);
    }

    private static InstanceView instance() {
        BootView boot = new BootView("template", 1.0, Map.of("spawn", 1.0));
        return InstanceViewBuilder.builder()
                .id(ID)
                .state(InstanceStatus.RUNNING)
                .enabled(true)
                .command(List.of("true"))
                .handle("box")
                .createdAt(THEN)
                .lastActiveAt(THEN)
                .exitCode(0)
                .memoryMb(512)
                .vcpus(1)
                .diskMb(8192)
                .idle(new IdleView("awake: an exec runs", "never", "never", THEN))
                .boot(boot)
                .ignored(List.of())
                .build();
    }
}
