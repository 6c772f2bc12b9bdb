package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.NetworkViews.ChangeNetwork;
import dev.aegisvm.api.NetworkViews.EgressView;
import dev.aegisvm.daemon.instance.InstanceState.Snapshot;

/** The rules of what guests may reach, which change while they run. */
public record NetworkRules(Instances instances, EgressCheck check) {
    public EgressView of(InstanceRef ref) {
        return Views.egress(instances.find(ref));
    }

    /**
     * Changes the rules of an instance; new connections follow them at once.
     *
     * @throws dev.aegisvm.api.ApiException when they make no sense, or its network is open
     */
    public EgressView change(InstanceRef ref, ChangeNetwork change) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        // One after the other: each has to know the rules that it adds to.
        synchronized (actor) {
            Snapshot now = actor.snapshot();
            if (now.record().spec().network().isOpen()) {
                throw ErrorCode.WRONG_STATE.refusal(
                        "the network of " + Answers.nameOf(now.record()) + " is open, and follows no rules",
                        "stop it, and start it with --network public or --allow RULE");
            }
            Egress changed = check.changed(change, now.record().spec().network());
            actor.change(spec -> spec.withNetwork(changed), "its network's rules were changed");
        }
        LiveVm vm = actor.snapshot().state().vm();
        if (vm != null && Boolean.TRUE.equals(change.now())) {
            vm.outgoing().endRefused();
        }
        return Views.egress(actor);
    }
}
