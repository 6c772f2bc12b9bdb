package dev.aegisvm.gateway.intercept;

import module java.base;
import java.security.cert.*;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authority of a home. Guests in whose requests secrets are put trust it, and no other program does;
 * its key stays in its file and in this process. For all threads.
 */
public final class CertificateAuthority {
    private static final Duration LIFE = Duration.ofDays(3650);
    private static final Duration SERVER_LIFE = Duration.ofDays(7);
    /** Clocks differ. */
    private static final Duration BEFORE = Duration.ofDays(1);

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    /** The file's mode is what protects it, but its format wants one. */
    private static final char[] PASSWORD = "aegis".toCharArray();

    private static final String ENTRY = "aegis";

    /** @param servers the key of all servers' certificates, which each daemon makes again */
    private record Issuer(X509Certificate certificate, String pem, PrivateKey key, KeyPair servers) {}

    private record Server(SSLContext context, Instant until) {}

    private final Path file;
    private @Nullable Issuer issuer;
    /** By host: a bound secret names one. */
    private final Map<String, Server> servers = new HashMap<>();

    /** @param file with its key and its certificate (PKCS#12); made at the first use, for its owner alone */
    public CertificateAuthority(Path file) {
        this.file = file;
    }

    /** Its certificate, for those who are to trust it; throws when its file cannot be made, or not be used. */
    public String pem() throws IOException {
        return issuer().pem();
    }

    static String pem(Certificate certificate) throws GeneralSecurityException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
        return "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n";
    }

    /** What a server for a host speaks TLS by. Throws as {@link #pem}. */
    synchronized SSLContext server(String host) throws IOException {
        Instant now = Instant.now();
        Server known = servers.get(host);
        if (known == null || known.until().isBefore(now.plus(BEFORE))) {
            known = new Server(context(host, now), now.plus(SERVER_LIFE));
            servers.put(host, known);
        }
        return known.context();
    }

    private SSLContext context(String host, Instant now) throws IOException {
        Issuer signer = issuer();
        try {
            Certificates.Holder holder = new Certificates.Holder(
                    "CN=AegisVM", signer.servers().getPublic(), now.minus(BEFORE), now.plus(SERVER_LIFE));
            X509Certificate certificate = Certificates.server(holder, host, signer.certificate(), signer.key());
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store(signer.servers().getPrivate(), certificate, signer.certificate()), PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException nonsense) {
            throw unusable("cannot sign certificates", nonsense);
        }
    }

    private static KeyStore store(PrivateKey key, X509Certificate... chain)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(ENTRY, key, PASSWORD, chain);
        return store;
    }

    private synchronized Issuer issuer() throws IOException {
        Issuer known = issuer;
        if (known == null) {
            try {
                known = Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? read() : make();
            } catch (GeneralSecurityException nonsense) {
                throw unusable("is none", nonsense);
            }
            issuer = known;
        }
        return known;
    }

    private IOException unusable(String why, @Nullable Exception cause) {
        return new IOException(
                "the certificate authority " + file + " " + why
                        + "; move it away, and a new one is made for instances that start after that",
                cause);
    }

    private Issuer read() throws IOException, GeneralSecurityException {
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile() || !OWNER_ONLY.containsAll(found.permissions())) {
            throw unusable("must be readable by its owner only (chmod 600)", null);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        } catch (IOException broken) {
            throw unusable("cannot be read: " + broken.getMessage(), broken);
        }
        if (store.getCertificate(ENTRY) instanceof X509Certificate certificate
                && store.getKey(ENTRY, PASSWORD) instanceof PrivateKey key) {
            return new Issuer(certificate, pem(certificate), key, newKeys());
        }
        throw unusable("has no key", null);
    }

    /** The file is complete and on the disk, or does not exist. */
    private Issuer make() throws IOException, GeneralSecurityException {
        KeyPair keys = newKeys();
        Instant now = Instant.now();
        // Two homes have two names, or a guest that was moved could take one for the other.
        String name = "CN=AegisVM secrets " + Long.toHexString(new SecureRandom().nextLong());
        Certificates.Holder holder = new Certificates.Holder(name, keys.getPublic(), now.minus(BEFORE), now.plus(LIFE));
        X509Certificate certificate = Certificates.authority(holder, keys.getPrivate());
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        store(keys.getPrivate(), certificate).store(content, PASSWORD);
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        Files.createFile(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(unfinished, content.toByteArray(), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        return new Issuer(certificate, pem(certificate), keys.getPrivate(), newKeys());
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
