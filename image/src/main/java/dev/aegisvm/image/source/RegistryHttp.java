package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.image.*;
import dev.aegisvm.image.ImageException.Reason;
import land.oras.ContainerRef;
import land.oras.auth.*;
import land.oras.exception.OrasException;

/** GET requests to one repository; the library answers challenges, keeps tokens and follows redirects. */
final class RegistryHttp {
    private static final String MANIFESTS = "manifests/";
    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int CONNECT_SECONDS = 20;

    private final HttpClient client;
    private final ImageReference.InRegistry reference;
    private final AuthProvider auth;
    private final ContainerRef library;
    private final Scopes scopes;

    /** @param authorities in PEM, that vouch for registries; else those that Java trusts */
    RegistryHttp(ImageReference.InRegistry reference, AuthProvider auth, Optional<Path> authorities)
            throws ImageException {
        HttpClient.Builder builder = HttpClient.Builder.builder().withTimeout(CONNECT_SECONDS);
        authorities.filter(_ -> !reference.loopback()).ifPresent(builder::withCaFile);
        try {
            this.client = builder.build();
        } catch (OrasException unreadable) {
            throw new ImageException(
                    Reason.STORAGE,
                    "cannot read certificates from " + authorities.orElseThrow(),
                    "correct the file; if SSL_CERT_FILE names it, set that to another and run aegis up --restart",
                    unreadable);
        }
        this.reference = reference;
        this.auth = auth;
        this.library = ContainerRef.parse(reference.host() + "/" + reference.repository());
        // The library keeps tokens for the whole process, by registry and scope. A token of an anonymous pull must not
        // be used after a login, so each image has a registry name of its own there.
        this.scopes =
                Scopes.of(ContainerRef.parse(UUID.randomUUID() + ".invalid/" + reference.repository()), Scope.PULL);
    }

    /** @param partial whether it begins at the requested offset, and not at the start */
    record Body(InputStream stream, boolean partial) {}

    /**
     * Opens a document or blob, from an offset if the registry supports that. Blocks until its headers have come.
     *
     * @throws IOException that may be temporary, unless it is an {@link ImageException}
     */
    Body open(String path, long offset) throws IOException {
        Map<String, String> headers = new HashMap<>();
        if (path.startsWith(MANIFESTS)) {
            headers.put("Accept", ACCEPT);
        }
        if (offset > 0) {
            headers.put("Range", "bytes=" + offset + "-");
        }
        String scheme = reference.loopback() ? "http" : "https";
        URI uri = URI.create(scheme + "://" + library.getApiRegistry() + "/v2/" + reference.repository() + "/" + path);
        HttpClient.ResponseWrapper<InputStream> answer;
        try {
            answer = client.download(uri, headers, scopes, auth);
        } catch (OrasException e) {
            throw failure(e);
        }
        if (answer.statusCode() == OK || (answer.statusCode() == PARTIAL && offset > 0)) {
            return new Body(answer.response(), answer.statusCode() == PARTIAL);
        }
        answer.response().close();
        throw refusal(answer.statusCode(), path);
    }

    /** Of a connection that cannot be made, Java has no more than the kinds of the failure and its causes. */
    private IOException failure(OrasException e) {
        if (e.getStatusCode() == 401 || e.getStatusCode() == 403) {
            return unauthorized();
        }
        List<Throwable> causes = Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .toList();
        if (causes.stream().anyMatch(UnknownHostException.class::isInstance)
                || causes.getLast() instanceof UnresolvedAddressException) {
            return new UnknownHostException("the host name does not exist");
        }
        for (Throwable cause : causes) {
            if (cause instanceof IOException) {
                String reason = HostError.reason(cause);
                String remedy = HostError.remedy(cause);
                return remedy.isEmpty()
                        ? new IOException(reason, e)
                        : new ImageException(
                                Reason.UNREACHABLE,
                                "cannot use the registry " + reference.host() + ": " + reason,
                                remedy,
                                e);
            }
        }
        return new ImageException(
                Reason.UNREACHABLE, reference.host() + " does not answer like a registry: " + e.getMessage(), "", e);
    }

    private IOException refusal(int status, String path) {
        return switch (status) {
            case 401, 403 -> unauthorized();
            case 404 ->
                new ImageException(
                        Reason.NOT_FOUND,
                        path.startsWith(MANIFESTS)
                                ? "there is no image " + reference.name()
                                : "the registry lacks a part of " + reference.name(),
                        "check the name and the tag, and whether the image is private");
            case 408, 416, 429, 500, 502, 503, 504 -> new IOException("it answered with status " + status);
            default ->
                new ImageException(
                        Reason.UNREACHABLE, reference.host() + " answered with status " + status, "try again later");
        };
    }

    private ImageException unauthorized() {
        return new ImageException(
                Reason.UNAUTHORIZED,
                "the registry " + reference.host() + " denies access to " + reference.repository()
                        + (auth.getAuthScheme() != AuthScheme.NONE
                                ? " with the stored credentials"
                                : " without credentials"),
                "log in as the user who runs the daemon: docker login " + reference.host());
    }
}
