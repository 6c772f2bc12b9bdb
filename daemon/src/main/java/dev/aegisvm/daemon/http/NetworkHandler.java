package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.*;
import dev.aegisvm.daemon.network.Gateways;

/** What guests may reach, and what they reached. */
final class NetworkHandler {
    private final Instances instances;
    private final Gateways gateways;

    NetworkHandler(Instances instances, Gateways gateways) {
        this.instances = instances;
        this.gateways = gateways;
    }

    void addTo(RouteTable routes) {
        routes.answer(Routes.NETWORK, exchange -> Views.egress(instances.find(exchange.ref())));
        routes.answer(Routes.CHANGE_NETWORK, this::change);
        routes.answer(Routes.TEST_NETWORK, this::test);
        routes.serve(Routes.NETWORK_LOG, this::log);
        routes.answer(
                Routes.SUGGEST_NETWORK,
                exchange -> new SuggestionView(gateways.suggest(spec(exchange).id())));
    }

    private EgressView change(Exchange exchange) {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(exchange.ref());
        gateways.change(actor, exchange.body(Routes.CHANGE_NETWORK));
        return Views.egress(actor);
    }

    private InstanceSpec spec(Exchange exchange) {
        return instances.find(exchange.ref()).spec();
    }

    private VerdictView test(Exchange exchange) {
        InstanceActor actor = instances.find(exchange.ref());
        return gateways.test(actor.spec().egress(), exchange.body(Routes.TEST_NETWORK), (name, port) -> {
            var _ = instances.accepting(actor, name, port);
        });
    }

    private void log(Exchange exchange) throws IOException, InterruptedException {
        LogQuery query =
                LogQueryBuilder.builder().follow(exchange.flag("follow")).build();
        LogsHandler.send(
                exchange, Routes.NETWORK_LOG, gateways.logs().of(spec(exchange).id()), query);
    }
}
