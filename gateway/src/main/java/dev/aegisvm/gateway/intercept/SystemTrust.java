package dev.aegisvm.gateway.intercept;

import module java.base;
import java.lang.System.Logger.Level;
import java.security.cert.Certificate;
import org.jspecify.annotations.Nullable;

/** Whom this host trusts to vouch for servers. For all threads. */
public final class SystemTrust {
    private static final System.Logger LOG = System.getLogger(SystemTrust.class.getName());

    /** Where systems keep trusted certificates: Debian and Alpine, Fedora, openSUSE, and their derivatives. */
    public static final List<String> BUNDLES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    /** Where a guest has those that it was given, and those alone. */
    public static final String GIVEN = "/etc/ssl/aegis-ca.pem";

    /**
     * Where administrators put further ones, and how the names of files that count there end: Debian and Alpine, whose
     * update-ca-certificates goes by the name, Fedora, openSUSE, Arch.
     */
    private static final Map<String, String> ADDED = Map.of(
            "/usr/local/share/ca-certificates", ".crt",
            "/etc/pki/ca-trust/source/anchors", "",
            "/etc/pki/trust/anchors", "",
            "/etc/ca-certificates/trust-source/anchors", "");

    private final Optional<Path> bundle;
    private @Nullable SSLContext context;

    /** By the file that {@code SSL_CERT_FILE} names, else by the system's; by Java's own where there is none. */
    public SystemTrust(Map<String, String> environment) {
        this.bundle = bundle(environment);
    }

    /** The PEM file of all whom it trusts. */
    public static Optional<Path> bundle(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("SSL_CERT_FILE"))
                .filter(file -> !file.isEmpty())
                .or(() -> BUNDLES.stream()
                        .filter(file -> Files.exists(Path.of(file)))
                        .findFirst())
                .map(Path::of);
    }

    /** The certificates that this host's administrator has added, each in PEM. Unreadable ones are logged. */
    public static List<String> added() {
        List<String> added = new ArrayList<>();
        ADDED.forEach((directory, ending) -> added.addAll(below(Path.of(directory), ending)));
        return added;
    }

    /** Those in files whose names end so. */
    static List<String> below(Path directory, String ending) {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.isDirectory(directory) ? Files.walk(directory) : Stream.empty()) {
            files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .forEach(file -> all.addAll(readable(file)));
        } catch (IOException | UncheckedIOException obstacle) {
            LOG.log(Level.WARNING, "cannot pass on to guests the certificates in " + directory + ": " + obstacle);
        }
        return all;
    }

    private static List<String> readable(Path file) {
        List<String> all = new ArrayList<>();
        try {
            for (Certificate each : certificates(file)) {
                all.add(CertificateAuthority.pem(each));
            }
            if (all.isEmpty()) {
                throw new IOException("it contains no certificate");
            }
        } catch (IOException | GeneralSecurityException nonsense) {
            LOG.log(Level.WARNING, "cannot pass on to guests the certificate " + file + ": " + nonsense.getMessage());
        }
        return all;
    }

    /** Of its text in PEM. */
    static Certificate certificate(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
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
        for (Certificate each : certificates(bundle)) {
            store.setCertificateEntry(Integer.toString(store.size()), each);
        }
        return store;
    }

    /** Of a file in PEM, or one in DER. */
    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }
}
