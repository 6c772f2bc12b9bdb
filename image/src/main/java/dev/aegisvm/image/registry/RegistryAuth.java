package dev.aegisvm.image.registry;

import java.util.Optional;
import land.oras.ContainerRef;
import land.oras.auth.AuthProvider;
import land.oras.auth.AuthScheme;
import org.jspecify.annotations.Nullable;

/** Gives the library what it has to show to one registry, or to that registry's token server. */
final class RegistryAuth implements AuthProvider {
    private final Optional<DockerConfig.Credentials> credentials;

    RegistryAuth(Optional<DockerConfig.Credentials> credentials) {
        this.credentials = credentials;
    }

    boolean known() {
        return credentials.isPresent();
    }

    @Override
    public @Nullable String getAuthHeader(ContainerRef registry) {
        return credentials.map(DockerConfig.Credentials::basic).orElse(null);
    }

    @Override
    public AuthScheme getAuthScheme() {
        return credentials.isPresent() ? AuthScheme.BASIC : AuthScheme.NONE;
    }
}
