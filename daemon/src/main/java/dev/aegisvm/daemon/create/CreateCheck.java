package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.Handle;
import dev.aegisvm.daemon.exec.ProcessSpecs;
import dev.aegisvm.daemon.idle.IdleSettings.AskedTimeouts;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.instance.InstanceSpec.ImageUse;
import dev.aegisvm.daemon.instance.InstanceSpec.Volume;
import dev.aegisvm.daemon.instance.InstanceSpec.Workspace;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.image.Image;
import dev.aegisvm.image.OwnImages;
import dev.aegisvm.vmm.*;
import org.jspecify.annotations.Nullable;

/** Turns what a client asks for into what an instance is, or says what is wrong with it. */
final class CreateCheck {
    private CreateCheck() {}

    /** The image that is asked for, unless it is the one that is had without asking. */
    static Optional<String> imageRef(CreateInstance request) {
        return Optional.ofNullable(request.imageRef()).filter(ref -> !ref.isEmpty() && !ref.equals(OwnImages.BASE));
    }

    /** Refuses what the backend cannot do: it would fail at each boot. */
    static void refuseUnsupported(CreateInstance request, Capabilities backend) {
        Set<Capability> needs = EnumSet.noneOf(Capability.class);
        if (imageRef(request).isPresent()) {
            needs.add(Capability.IMAGE_ROOT);
        }
        if (!Objects.requireNonNullElse(request.workspace(), "").isEmpty()
                || !request.volumes().isEmpty()) {
            needs.add(Capability.SHARE);
        }
        try {
            backend.require(needs);
        } catch (VmmException lack) {
            throw new ApiException(ErrorCode.UNSUPPORTED, lack.getMessage(), lack.hint());
        }
    }

    /**
     * What the new instance will be, but for its image, which is looked at next, and its ports, which are taken last.
     *
     * @param vault knows which secrets there are
     */
    static InstanceSpec spec(CreateInstance request, Sizes sizes, SecretVault vault, Shares shares) {
        Optional<String> handle = handle(request);
        if (request.command().isEmpty() && imageRef(request).isEmpty()) {
            throw handle.map(name -> new ApiException(
                            ErrorCode.BAD_REQUEST,
                            "there is no instance '" + name + "', and no command to create it with"))
                    .orElseGet(() -> new ApiException(ErrorCode.BAD_REQUEST, "a command is needed"));
        }
        boolean ephemeral = Boolean.TRUE.equals(request.ephemeral());
        if (request.tty() != null && !ephemeral) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "only an ephemeral instance's main process can have a tty");
        }
        return InstanceSpec.of(InstanceSpec.newName("inst-"))
                .handle(handle)
                .command(request.command().isEmpty() ? List.of() : ProcessSpecs.checkCommand(request.command()))
                .env(ProcessSpecs.checkEnv(request.env()))
                .secrets(vault.known(request.secrets()))
                .memoryMb(sizes.memory(request.memoryMb()))
                .vcpus(sizes.vcpus(request.vcpus()))
                .diskMb(sizes.disk(request.diskMb()))
                .workspace(shares.workspace())
                .volumes(shares.volumes())
                .ephemeral(ephemeral)
                .idle(idle(request))
                .tty(Optional.ofNullable(request.tty()))
                .createdAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
    }

    private static AskedTimeouts idle(CreateInstance request) {
        return new AskedTimeouts(
                Optional.ofNullable(request.idlePause()).map(text -> IdleTimeout.parse("idle_pause", text)),
                Optional.ofNullable(request.idleStop()).map(text -> IdleTimeout.parse("idle_stop", text)));
    }

    /**
     * The same, made of an image. A command that is asked for replaces the image's own.
     *
     * @param ref as the client called the image
     */
    static InstanceSpec madeOf(InstanceSpec asked, String ref, Image image) {
        List<String> command = new ArrayList<>(asked.command());
        if (command.isEmpty()) {
            command.addAll(image.config().entrypoint());
            command.addAll(image.config().cmd());
        }
        if (command.isEmpty()) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "the image " + ref + " has no command of its own",
                    "give one, for example -- sh");
        }
        ImageUse use = ImageUse.of(ref, ImageStock.reference(ref).name(), image);
        return asked.with()
                .image(Optional.of(use))
                .command(ProcessSpecs.checkCommand(command))
                .build();
    }

    static Optional<String> handle(CreateInstance request) {
        return Optional.ofNullable(request.handle()).map(name -> new Handle(name).value());
    }

    /** The directories of the host that a request names, where they are. */
    record Shares(Optional<Workspace> workspace, List<Volume> volumes) {
        static Shares of(CreateInstance request, Workspaces workspaces) {
            Optional<Workspace> workspace = Optional.ofNullable(request.workspace())
                    .filter(text -> !text.isEmpty())
                    .map(workspaces::check);
            return new Shares(workspace, workspaces.checkVolumes(request.volumes(), workspace));
        }
    }

    /** The fields of a request that say something else than the stored instance. */
    static List<String> differences(CreateInstance request, Shares shares, InstanceSpec stored) {
        AskedTimeouts asked = idle(request);
        Map<String, Boolean> differs = new LinkedHashMap<>();
        differs.put("command", differs(request.command(), List.of(), stored.command()));
        String image = stored.image().map(ImageUse::ref).orElse(OwnImages.BASE);
        differs.put("image_ref", differs(Objects.requireNonNullElse(request.imageRef(), ""), "", image));
        differs.put("env", differs(request.env(), Map.of(), stored.env()));
        differs.put("secrets", differs(request.secrets(), List.of(), stored.secrets()));
        differs.put("memory_mb", differs(request.memoryMb(), null, stored.memoryMb()));
        differs.put("vcpus", differs(request.vcpus(), null, stored.vcpus()));
        differs.put("disk_mb", differs(request.diskMb(), null, stored.diskMb()));
        differs.put("exposes", !request.exposes().isEmpty() && !ExposesCheck.same(request.exposes(), stored.exposes()));
        differs.put("idle_pause", differs(asked.pause(), stored.idle().pause()));
        differs.put("idle_stop", differs(asked.stop(), stored.idle().stop()));
        differs.put("workspace", differs(shares.workspace(), stored.workspace()));
        differs.put("volumes", differs(shares.volumes(), List.of(), stored.volumes()));
        differs.values().removeIf(Boolean.FALSE::equals);
        return List.copyOf(differs.keySet());
    }

    private static <T> boolean differs(Optional<T> asked, Optional<T> stored) {
        return differs(asked, Optional.empty(), stored);
    }

    /** @param unsaid what stands for a field that the request leaves out */
    private static boolean differs(@Nullable Object asked, @Nullable Object unsaid, Object stored) {
        return !Objects.equals(asked, unsaid) && !stored.equals(asked);
    }
}
