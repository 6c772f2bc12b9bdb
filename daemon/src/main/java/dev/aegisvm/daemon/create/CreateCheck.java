package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.idle.IdlePolicy.AskedTimeouts;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ImageUse;
import dev.aegisvm.daemon.instance.Mounts.*;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.image.*;
import dev.aegisvm.vmm.*;

/** Turns what a client asks for into what an instance is, or says what is wrong with it. */
public final class CreateCheck {
    private static final int MOST_LABELS = 64;
    private static final Pattern LABEL_KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_./-]{0,62}");
    private static final Pattern LABEL_VALUE = Pattern.compile("\\P{Cntrl}{0,255}", Pattern.UNICODE_CHARACTER_CLASS);

    private final Bounds bounds;
    private final SecretVault vault;
    private final Workspaces workspaces;
    private final ImageStock images;

    /**
     * What instances can be on this host.
     *
     * @param network what the guests of new ones may reach, where nothing else is asked for
     */
    public record Bounds(Size.Limits size, Capabilities backend, EgressCheck egress, Egress network) {}

    public CreateCheck(Bounds bounds, SecretVault vault, Workspaces workspaces, ImageStock images) {
        this.bounds = bounds;
        this.vault = vault;
        this.workspaces = workspaces;
        this.images = images;
    }

    /** The image that is asked for, unless it is the one that is had without asking. */
    private static Optional<String> imageRef(CreateInstance request) {
        return Optional.ofNullable(request.imageRef()).filter(ref -> !ref.isEmpty() && !ref.equals(OwnImages.BASE));
    }

    /** The directories that it is to have; refuses what the backend cannot do: it would fail at each boot. */
    Mounts mounts(CreateInstance request) {
        Optional<Workspace> workspace = Optional.ofNullable(request.workspace())
                .filter(text -> !text.isEmpty())
                .map(workspaces::check);
        Mounts mounts = new Mounts(
                workspace,
                workspaces.checkVolumes(Objects.requireNonNullElse(request.volumes(), List.of()), workspace));
        Set<Capability> needs = EnumSet.noneOf(Capability.class);
        if (imageRef(request).isPresent()) {
            needs.add(Capability.IMAGE_ROOT);
        }
        if (!mounts.shared().isEmpty()) {
            needs.add(Capability.SHARE);
        }
        require(needs);
        return mounts;
    }

    private void require(Set<Capability> needs) {
        bounds.backend().lack(needs).ifPresent(lack -> {
            throw ErrorCode.UNSUPPORTED.refusal(lack.getMessage(), lack.hint());
        });
    }

    /** The new instance's spec, without its ports, which are taken last; its image is pulled once all else is right. */
    InstanceSpec spec(CreateInstance request, Mounts mounts) {
        Optional<String> handle = Optional.ofNullable(request.handle()).map(Names::handle);
        if (request.command().isEmpty() && imageRef(request).isEmpty()) {
            throw handle.map(name -> ErrorCode.BAD_REQUEST.refusal(
                            "there is no instance '" + name + "', and the request has no command to create it with",
                            "give it a command: aegis instance start --name " + name + " -- COMMAND"))
                    .orElseGet(() -> ErrorCode.BAD_REQUEST.refusal("a command is required"));
        }
        InstanceSpec usual = InstanceSpec.of(
                        InstanceSpec.newName(Names.ID_PREFIX), bounds.size().usual())
                .network(bounds.network())
                .createdAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
        InstanceSpec asked = changed(request, mounts, usual).handle(handle).build();
        return imageRef(request).map(ref -> madeOf(asked, ref)).orElse(asked);
    }

    /** A stored instance, changed as a request says; refuses other things of its disk, as a copied workspace. */
    InstanceSpec restarted(String name, CreateInstance request, Mounts mounts, InstanceSpec stored) {
        String image = Objects.requireNonNullElse(request.imageRef(), "");
        String its = stored.image().map(ImageUse::ref).orElse(OwnImages.BASE);
        if (!image.isEmpty() && !image.equals(its)) {
            throw fixed(name, "image", its);
        }
        if (request.diskMb() != null && request.diskMb() != stored.size().diskMb()) {
            throw fixed(name, "disk size", stored.size().diskMb() + " MB");
        }
        Optional<Workspace> asked = mounts.workspace();
        Optional<Workspace> had = stored.mounts().workspace();
        boolean copied = Stream.concat(asked.stream(), had.stream()).anyMatch(Workspace::isCopy);
        if (copied && asked.isPresent() && !asked.equals(had)) {
            throw fixed(name, "workspace", had.map(Workspace::text).orElse("none"));
        }
        InstanceSpec changed = changed(request, mounts, stored).build();
        List<Volume> shared = changed.mounts().shared();
        if (shared.stream().map(Volume::guestPath).distinct().count() < shared.size()) {
            throw ErrorCode.BAD_REQUEST.refusal("a volume and the workspace cannot both be at " + Workspace.GUEST_PATH);
        }
        return changed;
    }

    private static ApiException fixed(String name, String what, String is) {
        return ErrorCode.BAD_REQUEST.refusal(
                "the " + what + " of " + name + " cannot be changed: it is " + is,
                "leave it out, or create another instance");
    }

    /** An instance, changed as a request says: what that leaves out stays as it is. */
    private InstanceSpecBuilder changed(CreateInstance request, Mounts mounts, InstanceSpec otherwise) {
        Egress wanted = bounds.egress().asked(request, otherwise.network());
        if (wanted.isOpen()) {
            require(Set.of(Capability.NETWORK));
        }
        return otherwise
                .with()
                .size(bounds.size().asked(request, otherwise.size()))
                .environment(otherwise.environment().asked(request))
                .secrets(secrets(request, otherwise.secrets(), wanted))
                .network(wanted)
                .mounts(new Mounts(
                        mounts.workspace().or(otherwise.mounts()::workspace),
                        request.volumes() == null ? otherwise.mounts().volumes() : mounts.volumes()))
                .life(otherwise.life().asked(request))
                .idle(idle(request, otherwise.idle()))
                .labels(request.labels() == null ? otherwise.labels() : labels(request.labels()));
    }

    /** Those that are asked for, if they are there and the network lets them be used; what holds where none is. */
    private InstanceSecrets secrets(CreateInstance request, InstanceSecrets otherwise, Egress wanted) {
        InstanceSecrets asked = otherwise.asked(request.secrets());
        asked.check(wanted);
        if (request.secrets() == null) {
            return asked;
        }
        var _ = vault.known(asked.boundNames());
        return new InstanceSecrets(vault.known(asked.given()), asked.bound());
    }

    private static AskedTimeouts idle(CreateInstance request, AskedTimeouts otherwise) {
        return new AskedTimeouts(
                Optional.ofNullable(request.idlePause())
                        .map(text -> IdleTimeout.parse("idle_pause", text))
                        .or(otherwise::pause),
                Optional.ofNullable(request.idleStop())
                        .map(text -> IdleTimeout.parse("idle_stop", text))
                        .or(otherwise::stop));
    }

    private static Map<String, String> labels(Map<String, String> labels) {
        if (labels.size() > MOST_LABELS) {
            throw ErrorCode.BAD_REQUEST.refusal("an instance can have at most " + MOST_LABELS + " labels");
        }
        labels.forEach((key, value) -> {
            if (!LABEL_KEY.matcher(key).matches() || !LABEL_VALUE.matcher(value).matches()) {
                throw ErrorCode.BAD_REQUEST.refusal("the label '" + key + "' is invalid: its key must match "
                        + LABEL_KEY + ", and its value must be at most 255 characters without control characters");
            }
        });
        return labels;
    }

    /** The same, made of an image that a client called so. A command that is asked for replaces the image's own. */
    private InstanceSpec madeOf(InstanceSpec asked, String ref) {
        ImageReference reference = ImageStock.reference(ref);
        Image image = images.get(reference);
        List<String> command = new ArrayList<>(asked.environment().command());
        if (command.isEmpty()) {
            command.addAll(image.config().entrypoint());
            command.addAll(image.config().cmd());
        }
        if (command.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "the image " + ref + " has no default command", "give one, for example -- sh");
        }
        return asked.with()
                .image(Optional.of(ImageUse.of(ref, reference.name(), image)))
                .environment(asked.environment().withCommand(Environment.checkCommand(command)))
                .build();
    }
}
