package dev.aegisvm.image.source;

import module java.base;

/**
 * What registries are told and asked.
 *
 * @param dockerConfig Docker's {@code config.json} with the logins; need not exist
 * @param authorities a PEM file of those that vouch for registries; else those that Java trusts
 */
public record RegistryAccess(Path dockerConfig, Optional<Path> authorities) {
    /** Where Docker's logins are for a process with these variables. */
    public static Path dockerConfig(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return Optional.ofNullable(environment.get("DOCKER_CONFIG"))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(home, ".docker"))
                .resolve("config.json");
    }
}
