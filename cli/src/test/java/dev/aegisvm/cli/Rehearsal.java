package dev.aegisvm.cli;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.client.*;

/**
 * Plays the usual commands against answers from a script, in an empty home. {@code scripts/train} records what this
 * loads in the start-up (AOT) cache, from which the real commands then start; no daemon and no VM are needed for it.
 */
public final class Rehearsal {
    private static final String STATUS = """
        {"status":"running","backend":"none","capabilities":{},"version":"0","pid":1,"uptime_ms":1,"instances":1}""";
    private static final String INSTANCE = """
        {"id":"inst-1","state":"running","enabled":true,"command":["true"],"handle":"box","exit_code":0,"memory_mb":512,\
        "vcpus":1,"disk_mb":8192,"created_at":"2026-01-01T00:00:00Z","last_active_at":"2026-01-01T00:00:00Z",\
        "idle":{"activity":"awake: an exec runs","pause":"never","stop":"never"},\
        "boot":{"mode":"template","total_ms":1.0,"stages":{"spawn":1.0}}}""";
    private static final String LOGS = """
        {"ts":"2026-01-01T00:00:00Z","stream":"stdout","line":"a line","source":"server","instance_id":"inst-1"}
        {"ts":"2026-01-01T00:00:00Z","stream":"system","line":"a line","source":"server","instance_id":"inst-1"}
        """;
    private static final String IMAGES = """
        {"images":[{"digest":"sha256:0","names":["app"],"size_bytes":1,"created_at":"2026-01-01T00:00:00Z","used_by":[]}]}
        """;

    private Rehearsal() {}

    public static void main(String[] words) throws IOException {
        AegisHome home = AegisHome.of(System.getenv());
        Map<String, String> environment = Map.of(AegisHome.VARIABLE, home.root().toString());
        try (ScriptedDaemon daemon = new ScriptedDaemon(home.socket(), Rehearsal::answer)) {
            play(environment);
            if (daemon.requests().isEmpty()) {
                throw new IllegalStateException("the scripted daemon got no request");
            }
        }
        Files.delete(home.socket());
        startInVain(home);
    }

    /** Loads what starts a daemon; this one ends at once. */
    private static void startInVain(AegisHome home) throws IOException {
        Path program = home.root().resolve("aegisd");
        Files.writeString(program, "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        try {
            boolean started = new DaemonLauncher(home, program).launch();
            throw new IllegalStateException("a daemon that does nothing was started: " + started);
        } catch (DaemonException expected) {
            // What it has left is of the home.
        }
    }

    private static void play(Map<String, String> environment) throws IOException {
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
                List.of("ps"),
                List.of("instance", "info", "box"),
                List.of("instance", "stop", "box"),
                List.of("instance", "delete", "box"),
                List.of("__complete", "instance", "stop", ""),
                List.of("run", "--help"));
        for (List<String> command : commands) {
            try (Session session = new Session(console, environment)) {
                int exitCode = new Aegis(session).run(command);
                if (exitCode != 0) {
                    throw new IllegalStateException(command + " exits with " + exitCode);
                }
            }
        }
    }

    private static byte[] answer(String request) {
        if (request.contains("Upgrade: ")) {
            return ScriptedDaemon.stream(
                    frame(StreamFrame.Type.CREATED, INSTANCE),
                    frame(StreamFrame.Type.STARTED, "{\"exec_id\":\"main\",\"pid\":1}"),
                    frame(StreamFrame.Type.STDOUT, "\n"),
                    frame(StreamFrame.Type.STDERR, "\n"),
                    frame(StreamFrame.Type.EXIT, "{\"exit_code\":0}"));
        }
        return switch (request.substring(0, Math.max(0, request.indexOf(" HTTP/1.1")))) {
            case "GET /v1/status" -> ScriptedDaemon.json(STATUS);
            case "GET /v1/instances", "GET /v1/instances?state=starting&state=running&state=paused" ->
                ScriptedDaemon.json("[" + INSTANCE + "]");
            case "GET /v1/instances/box/logs" -> ScriptedDaemon.chunk(LOGS);
            case "POST /v1/images/pull" -> ScriptedDaemon.chunk(IMAGES);
            case "DELETE /v1/instances/box", "POST /v1/instances/box/stop" ->
                ScriptedDaemon.json("{\"status\":\"done\"}");
            default -> ScriptedDaemon.json(INSTANCE);
        };
    }

    private static StreamFrame frame(StreamFrame.Type type, String payload) {
        return new StreamFrame(type, payload.getBytes(StandardCharsets.UTF_8));
    }
}
