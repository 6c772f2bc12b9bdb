package dev.aegisvm.gateway.intercept;

import module java.base;
import java.security.cert.Certificate;

/** Files in which Java keeps whom it trusts. They are a guest's, so their content may be hostile. */
public final class JavaTrust {
    /** Where Debian and Alpine have it, and Fedora. */
    private static final List<String> PLACES = List.of("/etc/ssl/certs/java/cacerts", "/etc/pki/java/cacerts");
    /** Where a runtime has it, below its home. */
    private static final String IN_RUNTIME = "/lib/security/cacerts";
    /** Bytes; one has some 150 certificates, in 250 000. */
    public static final int LARGEST = 1 << 20;

    /** Java's own, which guards nothing. */
    private static final char[] PASSWORD = "changeit".toCharArray();

    private JavaTrust() {}

    /** All that a guest may have, by their paths, if this is its JAVA_HOME. */
    public static List<String> places(Optional<String> javaHome) {
        return Stream.concat(PLACES.stream(), javaHome.stream().map(home -> home + IN_RUNTIME))
                .toList();
    }

    /**
     * Adds authorities, each a certificate in PEM, that are not in it; throws when it is no such file, or encrypted.
     *
     * @param store a file of {@value #LARGEST} bytes at most; each character is a byte, here and in what is returned
     */
    public static String with(String store, List<String> authorities) throws IOException {
        try {
            List<Certificate> missing = new ArrayList<>();
            for (String authority : authorities) {
                Certificate each = SystemTrust.certificate(authority);
                if (!store.contains(text(each.getEncoded()))) {
                    missing.add(each);
                }
            }
            return missing.isEmpty() ? store : text(added(store.getBytes(StandardCharsets.ISO_8859_1), missing));
        } catch (GeneralSecurityException | RuntimeException nonsense) {
            throw new IOException("it is not a Java certificate store: " + nonsense.getMessage(), nonsense);
        }
    }

    private static byte[] added(byte[] bytes, List<Certificate> missing) throws IOException, GeneralSecurityException {
        // Reads PKCS#12 too, and writes what it has read. JCEKS, which is made of Java's objects, it does not know.
        KeyStore all = KeyStore.getInstance("JKS");
        // Without a password nothing is decrypted, for which a file may want any amount of work.
        all.load(new ByteArrayInputStream(bytes), null);
        if (all.size() == 0) {
            throw new IOException("it has no certificates that can be read without a password");
        }
        for (Certificate each : missing) {
            all.setCertificateEntry("aegis-" + UUID.nameUUIDFromBytes(each.getEncoded()), each);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        all.store(out, PASSWORD);
        return out.toByteArray();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
