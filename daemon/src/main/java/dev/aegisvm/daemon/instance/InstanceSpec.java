package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.daemon.idle.AskedTimeouts;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an instance is, from its creation to its deletion.
 *
 * @param secrets names of the secrets that each boot gives to its processes; {@code "*"} is all
 * @param image what its root file system is made of; absent: the base image
 * @param memoryMb memory of its VM in MiB
 * @param diskMb size in MiB of the file system on its own disk
 * @param exposes the ports through which it is reached
 * @param workspace the directory of the host that it has at {@link Workspace#GUEST_PATH}
 * @param ephemeral its main process belongs to a client that attaches, and it is deleted when that client leaves
 * @param idle how long it may be idle, where that was asked for
 * @param tty its main process gets a terminal of this size
 */
public record InstanceSpec(
        String id,
        Optional<String> handle,
        Optional<ImageUse> image,
        List<String> command,
        Map<String, String> env,
        List<String> secrets,
        int memoryMb,
        int vcpus,
        int diskMb,
        List<ExposedPort> exposes,
        Optional<Workspace> workspace,
        boolean ephemeral,
        AskedTimeouts idle,
        Optional<TerminalSize> tty,
        Instant createdAt) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NAME_BYTES = 6;

    public InstanceSpec {
        command = List.copyOf(command);
        env = Map.copyOf(env);
        secrets = List.copyOf(secrets);
        exposes = List.copyOf(exposes);
    }

    /** A name that was never given before: a prefix and 12 random hex digits. */
    public static String newName(String prefix) {
        byte[] random = new byte[NAME_BYTES];
        RANDOM.nextBytes(random);
        return prefix + HexFormat.of().formatHex(random);
    }

    /** The same instance with these ports. */
    public InstanceSpec exposing(List<ExposedPort> ports) {
        return new InstanceSpec(
                id, handle, image, command, env, secrets, memoryMb, vcpus, diskMb, ports, workspace, ephemeral, idle,
                tty, createdAt);
    }

    /** The same, made of an image. */
    public InstanceSpec madeOf(ImageUse use, List<String> itsCommand) {
        return new InstanceSpec(
                id,
                handle,
                Optional.of(use),
                itsCommand,
                env,
                secrets,
                memoryMb,
                vcpus,
                diskMb,
                exposes,
                workspace,
                ephemeral,
                idle,
                tty,
                createdAt);
    }

    /** How it is called: by its user's name for it, or else by its id. */
    public String hostname() {
        return handle.orElse(id);
    }
}
