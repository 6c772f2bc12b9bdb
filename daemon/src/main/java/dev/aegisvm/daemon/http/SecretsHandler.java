package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.daemon.secrets.SecretVault;

/** Secrets: set, listed by name, removed. No value ever leaves. */
final class SecretsHandler {
    private final SecretVault vault;

    SecretsHandler(SecretVault vault) {
        this.vault = vault;
    }

    void put(Exchange exchange) {
        SecretName name = new SecretName(exchange.firstName());
        exchange.answer(200, vault.put(name, exchange.body(SecretValue.class).value()));
    }

    void list(Exchange exchange) {
        exchange.answer(200, ApiJson.writeSecrets(vault.list()));
    }

    void delete(Exchange exchange) {
        vault.delete(new SecretName(exchange.firstName()));
        exchange.answer(200, new ActionView("deleted"));
    }
}
