package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a host makes; each record is the {@code params} of one, see PROTOCOL.md.
 *
 * @param <R> what the guest answers
 */
public sealed interface ToGuest<R extends FromGuest.Result>
        permits FileCall, ToGuest.Simple, ToGuest.CheckHealth, ToGuest.Identify, ToGuest.Start {
    /** The JSON-RPC method. */
    String method();

    /** The type of the answer. */
    Class<R> answer();

    /** A call that is answered by an empty object. */
    sealed interface Simple extends ToGuest<FromGuest.Done> {
        @Override
        default Class<FromGuest.Done> answer() {
            return FromGuest.Done.class;
        }
    }

    /** How the guest is. */
    record CheckHealth() implements ToGuest<FromGuest.Health> {
        @Override
        public String method() {
            return "health";
        }

        @Override
        public Class<FromGuest.Health> answer() {
            return FromGuest.Health.class;
        }
    }

    /** Mounts block devices, named such as {@code vda}. */
    @Json
    record Mount(String root, String disk) implements Simple {
        @Override
        public String method() {
            return "mount";
        }
    }

    /** Mounts block devices, runs a few programs, and undoes it all. */
    @Json
    record Rehearse(String root, String disk) implements Simple {
        @Override
        public String method() {
            return "rehearse";
        }
    }

    /** Mounts what the host shares by that tag at an absolute path. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record MountShare(String tag, String path, boolean readOnly) implements Simple {
        @Override
        public String method() {
            return "share";
        }
    }

    /** Entropy is 64 bytes in base64, the clock is nanoseconds since 1970, the machine id 32 hex digits. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Identify(
            String entropy,
            long unixNs,
            String hostname,
            String machineId,
            @Nullable Network network,
            @Nullable String hosts)
            implements ToGuest<FromGuest.Identified> {
        @Override
        public String method() {
            return "identify";
        }

        @Override
        public Class<FromGuest.Identified> answer() {
            return FromGuest.Identified.class;
        }
    }

    /** The address has a prefix length, such as {@code 10.0.2.15/24}. */
    @Json
    record Network(
            @Json.Property("interface") String device,
            @Nullable String mac,
            String address,
            String gateway,
            List<String> dns) {}

    /** Sets the wall clock, in nanoseconds since 1970. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Clock(long unixNs) implements Simple {
        @Override
        public String method() {
            return "clock";
        }
    }

    /** Starts a process: the main one when there is no exec id. Streams are named by their id; stdin absent: /dev/null. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Start(
            @Nullable String execId,
            List<String> command,
            Map<String, String> env,
            @Nullable String cwd,
            @Nullable String user,
            @Nullable Tty tty,
            @Nullable Long stdin,
            @Nullable Long stdout,
            @Nullable Long stderr)
            implements ToGuest<FromGuest.Started> {
        @Override
        public String method() {
            return execId == null ? "run" : "exec";
        }

        @Override
        public Class<FromGuest.Started> answer() {
            return FromGuest.Started.class;
        }
    }

    /** The size of a terminal. */
    @Json
    record Tty(int rows, int cols) {}

    /** Signals the process group of a process. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Signal(String execId, int signal) implements Simple {
        @Override
        public String method() {
            return "signal";
        }
    }

    /** Resizes the terminal of a process. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Resize(String execId, int rows, int cols) implements Simple {
        @Override
        public String method() {
            return "resize";
        }
    }

    /** Kills a process and all that it started. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Kill(String execId) implements Simple {
        @Override
        public String method() {
            return "kill";
        }
    }

    /** Connects a stream to a port of the guest. */
    @Json
    record Connect(long stream, int port) implements Simple {
        @Override
        public String method() {
            return "connect";
        }
    }

    /** Writes what is in memory to the disks: to all, or to that which an absolute path is on. */
    @Json
    record Sync(@Nullable String path) implements Simple {
        @Override
        public String method() {
            return "sync";
        }
    }

    /** Makes the guest wait for the next host when this one hangs up; the last call of a session. */
    record Park() implements Simple {
        @Override
        public String method() {
            return "park";
        }
    }

    /** Ends the guest; the main process gets the grace to end by itself. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Shutdown(long graceMs) implements Simple {
        @Override
        public String method() {
            return "shutdown";
        }
    }
}
