package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.VmWork.Owner;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.image.PullListener;
import dev.aegisvm.vmm.Capabilities;

/**
 * Makes instances, or boots the stopped one that has the handle that is asked for.
 *
 * @param backend what VMs can have
 */
public record Creation(
        Instances instances,
        Sizes sizes,
        SecretVault secrets,
        Workspaces workspaces,
        ImageStock images,
        Capabilities backend) {
    /**
     * The answer to a create.
     *
     * @param isNew false when a stored instance was started instead
     * @param ignored fields of the request that differ from the stored instance
     */
    public record Created(InstanceActor actor, boolean isNew, List<String> ignored) {
        public InstanceView view() {
            return Views.of(actor, OptionalLong.empty(), ignored);
        }
    }

    /** Makes an instance and boots it in the background, or boots the stopped one that has the handle. */
    public Created create(CreateInstance request) {
        return create(request, Optional.empty());
    }

    /**
     * Makes an instance and boots it in the background, or boots the stopped one that has the handle.
     *
     * @param owner of an ephemeral instance; without one it boots when it gets one
     */
    Created create(CreateInstance request, Optional<Owner> owner) {
        long requested = System.nanoTime();
        instances.refuseWhenClosed();
        CreateCheck.Shares shares = CreateCheck.Shares.of(request, workspaces);
        Optional<InstanceActor> known = CreateCheck.handle(request).flatMap(instances::withHandle);
        if (known.isPresent()) {
            return startStored(known.get(), request, shares);
        }
        CreateCheck.refuseUnsupported(request, backend);
        InstanceSpec asked = CreateCheck.spec(request, sizes, secrets, shares);
        InstanceSpec whole = CreateCheck.imageRef(request)
                .map(ref -> CreateCheck.madeOf(asked, ref, images.get(ImageStock.reference(ref), PullListener.NONE)))
                .orElse(asked);
        InstanceActor made = instances.add(whole, ExposesCheck.wanted(request.exposes()), requested, owner);
        return new Created(made, true, List.of());
    }

    private Created startStored(InstanceActor actor, CreateInstance request, CreateCheck.Shares shares) {
        // An ephemeral one is always new: `run` starts no instance that stays, least of all a disabled one.
        if (Boolean.TRUE.equals(request.ephemeral())) {
            throw Instances.inUse(actor);
        }
        actor.ask(new InstanceEvent.StartByHandle("started again by its handle"));
        InstanceSpec stored = actor.snapshot().record().spec();
        return new Created(actor, false, CreateCheck.differences(request, shares, stored));
    }
}
