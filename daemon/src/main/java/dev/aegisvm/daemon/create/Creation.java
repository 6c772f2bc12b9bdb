package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.VmWork.Owner;
import dev.aegisvm.image.PullListener;

/** Makes instances, or boots the stopped one that has the handle that is asked for. */
public record Creation(Instances instances, ImageStock images, CreateCheck check) {
    /** How much of its log tells why an instance did not start. */
    private static final int LAST_LINES = 20;

    /**
     * The answer to a create.
     *
     * @param isNew false when a stored instance was started instead
     */
    public record Created(InstanceActor actor, boolean isNew) {
        public InstanceView view() {
            return Views.of(actor, Optional.empty());
        }
    }

    /**
     * Makes an instance and boots it in the background, or boots the stopped one that has the handle.
     *
     * @param owner of an ephemeral instance; without one it boots when it gets one
     */
    Created create(CreateInstance request, Optional<Owner> owner) {
        long requested = System.nanoTime();
        instances.refuseWhenClosed();
        Mounts mounts = check.mounts(request);
        check.refuseUnsupported(request, mounts);
        Optional<InstanceActor> known = Optional.ofNullable(request.handle()).flatMap(instances::named);
        if (known.isPresent()) {
            new StoredStart(known.get(), request, mounts, instances.ports(), check).run();
            return new Created(known.get(), false);
        }
        InstanceSpec asked = check.spec(request, mounts);
        InstanceSpec whole = CreateCheck.imageRef(request)
                .map(ref -> CreateCheck.madeOf(asked, ref, images.get(ImageStock.reference(ref), PullListener.NONE)))
                .orElse(asked);
        InstanceActor made = instances.add(
                whole, ExposesCheck.wanted(request.exposes()), requested, work -> owner.ifPresent(work::own));
        return new Created(made, true);
    }

    /**
     * Waits until the main process has started. If it does not, a new instance is deleted: it has nothing that is worth
     * keeping.
     *
     * @throws ApiException when it did not start, with the last lines of the instance's log
     */
    public void awaitStart(Created created) {
        InstanceActor actor = created.actor();
        try {
            actor.awaitStart();
        } catch (ApiException failure) {
            List<String> log = instances.lastLines(actor, LAST_LINES);
            if (created.isNew()) {
                instances.discard(actor, "its main process failed to start");
            }
            throw new ApiException(failure.status(), failure.error().withLog(log), failure);
        }
    }
}
