package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.*;
import dev.aegisvm.daemon.instance.Mounts.*;
import dev.aegisvm.daemon.instance.PublicPorts.Wanted;
import dev.aegisvm.image.OwnImages;

/** Starts a stored instance again, changed as a request says: what the request leaves out stays as it is. */
record StoredStart(InstanceActor actor, CreateInstance request, Mounts mounts, PublicPorts ports, CreateCheck check) {
    /** Returns when its boot has begun, and the change is durable. A refusal changes nothing. */
    void run() {
        // Its ports and rules change one after the other.
        synchronized (actor) {
            changeAndStart();
        }
    }

    private void changeAndStart() {
        // An ephemeral one is always new: `run` starts no instance that stays, least of all a disabled one.
        boolean runs = !(actor.snapshot().state() instanceof InstanceState.Stopped);
        if (runs || Boolean.TRUE.equals(request.ephemeral())) {
            throw Instances.inUse(actor);
        }
        InstanceSpec stored = actor.spec();
        refuseFixed(stored);
        InstanceSpec changed = check.changed(request, mounts, stored).build();
        if (changed.mounts().shared().stream().map(Volume::guestPath).distinct().count()
                < changed.mounts().shared().size()) {
            throw ErrorCode.BAD_REQUEST.refusal("a volume and the workspace cannot both be at " + Workspace.GUEST_PATH);
        }
        if (request.exposes().isEmpty()) {
            start(changed);
            return;
        }
        List<ExposedPort> exposes = retake(stored.exposes(), Exposing.wanted(request.exposes()));
        try {
            start(changed.withExposes(exposes));
        } catch (ApiException refusal) {
            ports.release(others(exposes, stored.exposes()));
            throw refusal;
        }
        ports.release(others(stored.exposes(), exposes));
    }

    /** Its disk was made of the one with the size of the other, and a copied workspace is on it. */
    private void refuseFixed(InstanceSpec stored) {
        String image = Objects.requireNonNullElse(request.imageRef(), "");
        String its = stored.image().map(ImageUse::ref).orElse(OwnImages.BASE);
        if (!image.isEmpty() && !image.equals(its)) {
            throw fixed("image", its);
        }
        if (request.diskMb() != null && request.diskMb() != stored.size().diskMb()) {
            throw fixed("disk size", stored.size().diskMb() + " MB");
        }
        Optional<Workspace> workspace =
                mounts.workspace().filter(asked -> !stored.mounts().workspace().equals(Optional.of(asked)));
        if (workspace.isPresent()
                && Stream.concat(workspace.stream(), stored.mounts().workspace().stream())
                        .anyMatch(Workspace::isCopy)) {
            throw fixed(
                    "workspace",
                    stored.mounts().workspace().map(Workspace::text).orElse("none"));
        }
    }

    private ApiException fixed(String what, String is) {
        return ErrorCode.BAD_REQUEST.refusal(
                "the " + what + " of " + actor.name() + " cannot be changed: it is " + is,
                "leave it out, or create another instance");
    }

    /** It may have been renamed meanwhile; nothing else can change it without starting it. */
    private void start(InstanceSpec changed) {
        actor.ask(
                new InstanceEvent.StartByHandle(now -> changed.withHandle(now.handle()), "started again by its name"));
    }

    /** Takes the ports that are wanted now; it keeps the numbers that it has where they do. */
    private List<ExposedPort> retake(List<ExposedPort> has, List<Wanted> wanted) {
        List<ExposedPort> left = new ArrayList<>(has);
        List<ExposedPort> exposes = new ArrayList<>();
        try {
            for (Wanted wish : wanted) {
                Optional<ExposedPort> own =
                        left.stream().filter(port -> does(port, wish, wanted)).findFirst();
                own.ifPresent(left::remove);
                exposes.add(own.map(port -> new ExposedPort(wish.guestPort(), port.publicPort(), wish.protocol()))
                        .orElseGet(() -> ports.take(List.of(wish)).getFirst()));
            }
            return exposes;
        } catch (ApiException taken) {
            ports.release(others(exposes, has));
            throw taken;
        }
    }

    /** Whether it is the wanted number, or, if any will do, already leads to the same port of the guest. */
    private static boolean does(ExposedPort port, Wanted wish, List<Wanted> all) {
        OptionalInt number = OptionalInt.of(port.publicPort());
        return wish.publicPort().isPresent()
                ? wish.publicPort().equals(number)
                : port.guestPort() == wish.guestPort()
                        && all.stream().noneMatch(other -> other.publicPort().equals(number));
    }

    /** Those ports whose numbers are not among others. */
    private static List<ExposedPort> others(List<ExposedPort> ports, List<ExposedPort> kept) {
        Set<Integer> numbers = kept.stream().map(ExposedPort::publicPort).collect(Collectors.toSet());
        return ports.stream()
                .filter(port -> !numbers.contains(port.publicPort()))
                .toList();
    }
}
