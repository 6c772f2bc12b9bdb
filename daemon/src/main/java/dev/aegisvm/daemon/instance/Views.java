package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.NetworkViews.EgressView;
import dev.aegisvm.api.StatsView.DiskView;
import dev.aegisvm.api.StatsView.HeldView;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.idle.IdlePolicy;
import dev.aegisvm.daemon.idle.IdleWatch;
import dev.aegisvm.daemon.instance.InstanceSpec.*;
import dev.aegisvm.daemon.instance.InstanceState.*;
import dev.aegisvm.gateway.limit.Rate;
import dev.aegisvm.host.ProcessIdentity.Usage;

/** Shows an instance as clients see it. */
public final class Views {
    private static final long MEBIBYTE = 1024L * 1024;

    private Views() {}

    public static InstanceView of(InstanceActor actor, Optional<Long> diskBytes) {
        Snapshot now = actor.snapshot();
        InstanceRecord record = now.record();
        InstanceSpec spec = record.spec();
        InstanceStatus status = actor.status();
        boolean stopped = status == InstanceStatus.STOPPED;
        return asked(spec)
                .state(status)
                .enabled(record.enabled())
                .lastActiveAt(record.lastActiveAt())
                .stoppedAt(record.stoppedAt().orElse(null))
                .activeConnections(actor.connections().open())
                .endpoints(endpoints(spec, actor.ports()))
                .routerAddr(
                        spec.exposes().isEmpty()
                                ? null
                                : actor.ports().http().address().orElse(null))
                .network(egress(actor))
                .exitCode(record.exitCode().orElse(null))
                .reason(stopped ? record.stopReason().orElse(null) : null)
                .diskUsedBytes(diskBytes.orElse(null))
                .idle(idle(actor.idle(), now))
                .boot(actor.work().lastBoot().orElse(null))
                .build();
    }

    private static InstanceViewBuilder asked(InstanceSpec spec) {
        InstanceViewBuilder view = InstanceViewBuilder.builder()
                .id(spec.id())
                .handle(spec.handle().orElse(null))
                .imageRef(spec.image().map(ImageUse::ref).orElse(null))
                .secrets(spec.secrets().words())
                .createdAt(spec.createdAt())
                .exposePorts(spec.exposes().stream().map(ExposedPort::guestPort).toList())
                .labels(spec.labels());
        spec.size().show(view);
        spec.environment().show(view);
        spec.mounts().show(view);
        spec.life().show(view);
        return view;
    }

    /** What the instance uses; its guest is not asked, and nothing wakes. */
    public static StatsView stats(InstanceActor actor) {
        Snapshot now = actor.snapshot();
        InstanceSpec spec = now.record().spec();
        LiveVm vm = now.state().vm();
        Cost held = actor.connections().share().held();
        Optional<Usage> used = vm == null ? Optional.empty() : vm.vm().process().usage();
        return StatsViewBuilder.builder()
                .id(spec.id())
                .since(actor.wakes().since())
                .wakes(actor.wakes().view())
                .handle(spec.handle().orElse(null))
                .state(actor.status())
                .at(Instant.now())
                .cpuMs(used.map(usage -> usage.cpu().toMillis()).orElse(null))
                .memory(used.map(usage -> new MemoryView(
                                usage.uniqueBytes(),
                                usage.sharedBytes(),
                                spec.size().memoryMb() * MEBIBYTE))
                        .orElse(null))
                .disk(new DiskView(
                        actor.work().diskBytes().orElse(0L), spec.size().diskMb() * MEBIBYTE))
                .network(actor.connections().traffic())
                .held(new HeldView(held.bytes(), held.files(), null, null))
                .build();
    }

    private static List<Endpoint> endpoints(InstanceSpec spec, PublicPorts ports) {
        return spec.exposes().stream()
                .map(port -> new Endpoint(
                        port.guestPort(), port.publicPort(), port.protocol().wire(), ports.isBound(port)))
                .toList();
    }

    public static EgressView egress(InstanceActor actor) {
        Snapshot now = actor.snapshot();
        Egress network = actor.spec().network();
        LiveVm vm = now.state().vm();
        Outgoing outgoing = vm == null ? Outgoing.NONE : vm.outgoing();
        return new EgressView(
                network.word(),
                network.allowed(),
                network.denied(),
                network.rate().map(Rate::text).orElse(null),
                outgoing.refused(),
                outgoing.open());
    }

    private static IdleView idle(IdleWatch watch, Snapshot now) {
        return new IdleView(
                activity(watch, now),
                watch.times().pause().text(),
                watch.times().stop().text(),
                watch.uses().keptAwakeUntil().orElse(null));
    }

    private static String activity(IdleWatch watch, Snapshot now) {
        String since = " since " + now.since() + ": " + now.cause();
        return switch (now.state()) {
            case Running _ ->
                "awake: " + IdlePolicy.awakeBecause(watch.signals()).orElse("it is about to be paused");
            case Paused paused -> {
                Optional<Duration> limit = paused.idle() ? watch.times().stop().limit() : Optional.empty();
                yield "asleep" + since
                        + limit.map(after -> "; it is stopped at " + now.since().plus(after))
                                .orElse("");
            }
            case Stopped _ ->
                "asleep since " + now.record().stoppedAt().orElse(now.since()) + ": "
                        + now.record().stopReason().orElse(now.cause());
            case Starting _, Pausing _, Resuming _, Stopping _, Aborting _, Deleting _, Deleted _ ->
                now.state().word() + since;
        };
    }

    /**
     * Which instances a client wants to see: those to which all of this applies.
     *
     * @param states it is in one of these; empty: in any
     * @param labels it has all of these, each {@code KEY=VALUE}, or {@code KEY} for any value
     * @param name is a part of its handle or its id
     */
    public record Filter(Set<InstanceStatus> states, List<String> labels, Optional<String> name) {
        boolean accepts(InstanceActor actor) {
            InstanceSpec spec = actor.spec();
            return (states.isEmpty() || states.contains(actor.status()))
                    && accepts(spec.hostname(), spec.id(), spec.labels());
        }

        /** Whatever its state. */
        public boolean accepts(String handle, String id, Map<String, String> its) {
            return labels.stream().allMatch(label -> has(label, its))
                    && name.map(part -> handle.contains(part) || id.contains(part))
                            .orElse(true);
        }

        private static boolean has(String wanted, Map<String, String> labels) {
            int equals = wanted.indexOf('=');
            return equals < 0
                    ? labels.containsKey(wanted)
                    : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
        }
    }
}
