package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;

/**
 * Why a tool could not do what it was asked for.
 *
 * @param code a stable word: one of the API's, or {@code daemon_unavailable}, {@code internal}
 * @param cause one sentence
 * @param remedy what to do next, in terms of tools
 */
@Json
record Failure(String code, String cause, String remedy) {
    static Failure of(ApiException refusal) {
        ApiError error = refusal.error();
        String hint = error.hint() == null ? "" : error.hint();
        boolean forPeople = hint.isEmpty() || hint.contains("aegis ") || hint.contains("--");
        String log = error.log() == null ? "" : "; its log ends with: " + String.join("\n", error.log());
        return new Failure(error.code(), error.error() + log, forPeople ? remedy(error.code(), hint) : hint);
    }

    static Failure of(IOException obstacle) {
        return new Failure(
                "daemon_unavailable",
                String.valueOf(obstacle.getMessage()),
                "call again: the daemon is started when it does not run; an instance that is stopped then is started by"
                        + " instance_start with its name. If that does not help, `aegis doctor` on the host says what is wrong");
    }

    static Failure of(RuntimeException bug) {
        return new Failure(
                "internal", "internal error: " + bug.getClass().getSimpleName(), "call again, or do it another way");
    }

    /** What takes the place of a hint that speaks of the command line: a model has tools. */
    private static String remedy(String code, String hint) {
        return switch (code) {
            case "not_found" -> "instance_list and secret_list show what there is";
            case "disabled", "wrong_state" ->
                "instance_info shows the state; instance_start with the name starts it again";
            case "handle_in_use" -> "use it as it is, choose another name, or instance_delete it first";
            case "unknown_secret" ->
                "secret_list shows the names; ask the person to run `aegis secret set KEY`, which asks for the value";
            case "command_not_found", "command_not_executable" ->
                "check the name, install the program with exec, or use an image that has it";
            case "boot_failed" -> "logs tell more while it is there; instance_start tries again";
            case "guest_failed" -> "call again; if that fails too, instance_info and logs say what the instance does";
            case "host_memory_low" -> "instance_stop or instance_delete what is not needed, or ask for less memory";
            case "host_disk_full" -> "instance_delete what is not needed; a person has to free space on the host";
            case "file_not_found" -> "file_list shows what is there, file_search finds it";
            case "file_denied" -> "leave user out to be root, or choose another path";
            case "guest_disk_full" -> "remove something in the guest with exec";
            default -> hint.isEmpty() ? "change the arguments, and call again" : hint;
        };
    }

    String json() {
        return Jsonb.instance().toJson(this);
    }
}
