package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.daemon.instance.InstanceSpec;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.instance.NetworkRules;
import dev.aegisvm.daemon.network.Gateways;
import dev.aegisvm.daemon.network.NetworkLog;
import dev.aegisvm.gateway.audit.AuditLine;
import dev.aegisvm.gateway.audit.Suggestion;

/** What guests may reach, and what they reached. */
record NetworkHandler(Instances instances, Gateways gateways) {
    void addTo(RouteTable routes) {
        NetworkRules rules = new NetworkRules(instances);
        routes.answer(Routes.NETWORK, exchange -> rules.of(exchange.ref()));
        routes.answer(
                Routes.CHANGE_NETWORK, exchange -> rules.change(exchange.ref(), exchange.body(Routes.CHANGE_NETWORK)));
        routes.answer(Routes.TEST_NETWORK, this::test);
        routes.serve(Routes.NETWORK_LOG, this::log);
        routes.answer(Routes.SUGGEST_NETWORK, this::suggest);
    }

    private InstanceSpec spec(Exchange exchange) {
        return instances.find(exchange.ref()).snapshot().record().spec();
    }

    private VerdictView test(Exchange exchange) {
        return gateways.test(spec(exchange).egress(), exchange.body(Routes.TEST_NETWORK));
    }

    private NetworkLog logOf(Exchange exchange) {
        return gateways.logs().of(spec(exchange).id());
    }

    private void log(Exchange exchange) throws IOException, InterruptedException {
        try (NetworkLog.Tail tail = logOf(exchange).read(exchange.flag("follow"))) {
            ByteAnswer lines = exchange.bytes(Routes.NETWORK_LOG);
            lines.whenLeft(tail::close);
            for (Optional<AuditLine> next = tail.next(); next.isPresent(); next = tail.next()) {
                lines.line(ApiJson.write(view(next.get())));
            }
            lines.end();
        }
    }

    private static ConnectionView view(AuditLine line) {
        return new ConnectionView(
                line.time(),
                line.kind(),
                line.name(),
                line.address(),
                line.port(),
                line.rule(),
                line.verdict(),
                line.reason(),
                line.bytesUp(),
                line.bytesDown(),
                line.durationMs(),
                line.missed());
    }

    private SuggestionView suggest(Exchange exchange) {
        try {
            return new SuggestionView(Suggestion.flags(logOf(exchange).lines()));
        } catch (IOException obstacle) {
            throw ErrorCode.INTERNAL.refusal("the network log cannot be read: " + obstacle.getMessage(), obstacle);
        }
    }
}
