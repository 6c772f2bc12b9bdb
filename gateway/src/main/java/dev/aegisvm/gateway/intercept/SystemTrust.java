package dev.aegisvm.gateway.intercept;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Whom this host trusts to vouch for servers. For all threads. */
public final class SystemTrust {
    /** Where systems keep the certificates of all whom they trust: Debian and Alpine, Fedora, openSUSE, and what is like one of them. */
    public static final List<String> BUNDLES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    private final Optional<Path> bundle;
    private @Nullable SSLContext context;

    private SystemTrust(Optional<Path> bundle) {
        this.bundle = bundle;
    }

    /** By the file that {@code SSL_CERT_FILE} names, else by the system's; by Java's own where there is none. */
    public static SystemTrust of(Map<String, String> environment) {
        return new SystemTrust(Optional.ofNullable(environment.get("SSL_CERT_FILE"))
                .or(() -> BUNDLES.stream()
                        .filter(file -> Files.exists(Path.of(file)))
                        .findFirst())
                .map(Path::of));
    }

    /** What a client speaks TLS by. It is read once; throws when it cannot be. */
    synchronized SSLContext client() throws IOException {
        SSLContext known = context;
        if (known == null) {
            try {
                TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
                trust.init(bundle.isPresent() ? store(bundle.get()) : null);
                known = SSLContext.getInstance("TLS");
                known.init(null, trust.getTrustManagers(), null);
            } catch (GeneralSecurityException nonsense) {
                throw new IOException("the certificates of " + bundle + " cannot be read: " + nonsense, nonsense);
            }
            context = known;
        }
        return known;
    }

    private static KeyStore store(Path bundle) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(bundle))) {
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry(Integer.toString(store.size()), each);
            }
        }
        return store;
    }
}
