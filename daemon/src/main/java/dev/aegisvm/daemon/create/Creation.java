package dev.aegisvm.daemon.create;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.InstanceActor;
import dev.aegisvm.daemon.instance.InstanceEvent;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.instance.InstanceSpec.Workspace;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.instance.Views;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.image.PullListener;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes instances, or boots the stopped one that has the handle that is asked for. */
public final class Creation {
    private final Instances instances;
    private final Sizes sizes;
    private final SecretVault secrets;
    private final Workspaces workspaces;
    private final ImageStock images;

    public Creation(Instances instances, Sizes sizes, SecretVault secrets, Workspaces workspaces, ImageStock images) {
        this.instances = instances;
        this.sizes = sizes;
        this.secrets = secrets;
        this.workspaces = workspaces;
        this.images = images;
    }

    /**
     * The answer to a create.
     *
     * @param isNew false when a stored instance was started instead
     */
    public record Created(InstanceView view, boolean isNew) {}

    /** Makes an instance and boots it in the background, or boots the stopped one that has the handle. */
    public Created create(CreateInstance request) {
        long requested = System.nanoTime();
        instances.refuseWhenClosed();
        Optional<Workspace> workspace = CreateCheck.workspace(request, workspaces);
        Optional<InstanceActor> known = CreateCheck.handle(request).flatMap(instances::withHandle);
        if (known.isPresent()) {
            return new Created(startStored(known.get(), request, workspace), false);
        }
        InstanceSpec asked = CreateCheck.spec(request, sizes, secrets, workspace);
        InstanceSpec whole = CreateCheck.imageRef(request)
                .map(ref -> CreateCheck.madeOf(asked, ref, images.get(ImageStock.reference(ref), PullListener.NONE)))
                .orElse(asked);
        InstanceActor made = instances.add(whole, ExposesCheck.wanted(request.exposes()), requested);
        return new Created(Views.of(made, OptionalLong.empty(), List.of()), true);
    }

    private InstanceView startStored(InstanceActor actor, CreateInstance request, Optional<Workspace> workspace) {
        // An ephemeral one is always new: `run` starts no instance that stays, least of all a disabled one.
        if (Boolean.TRUE.equals(request.ephemeral())) {
            throw Instances.inUse(actor);
        }
        actor.ask(new InstanceEvent.StartByHandle("started again by its handle"));
        InstanceSpec stored = actor.snapshot().record().spec();
        return Views.of(actor, OptionalLong.empty(), CreateCheck.differences(request, workspace, stored));
    }
}
