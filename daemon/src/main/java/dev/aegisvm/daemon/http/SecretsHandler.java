package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.daemon.secrets.SecretVault;

/** Secrets: set, listed by name, removed. No value ever leaves. */
final class SecretsHandler {
    private final SecretVault vault;

    SecretsHandler(SecretVault vault) {
        this.vault = vault;
    }

    void addTo(RouteTable routes) {
        routes.answer(
                Routes.PUT_SECRET,
                exchange -> vault.put(
                        name(exchange), exchange.body(Routes.PUT_SECRET).value()));
        routes.answer(Routes.LIST_SECRETS, exchange -> vault.list());
        routes.act(Routes.DELETE_SECRET, "deleted", exchange -> vault.delete(name(exchange)));
    }

    private static SecretName name(Exchange exchange) {
        return new SecretName(exchange.name(0));
    }
}
