package dev.aegisvm.gateway.intercept;

import module java.base;
import java.security.Signature;
import java.security.cert.X509Certificate;

/**
 * Makes the two kinds of X.509 certificates that a {@link CertificateAuthority} needs (RFC 5280), with ECDSA and
 * SHA-256. It writes DER, and reads none: names and keys come encoded from the JDK.
 */
final class Certificates {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OID = 0x06;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int UTC_TIME = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int CONTEXT = 0x80;
    private static final int EXPLICIT = 0xa0;

    private static final byte[] VERSION_3 = hex("a003020102");
    private static final byte[] TRUE = hex("0101ff");
    private static final byte[] NONE = {};
    private static final byte[] ECDSA_WITH_SHA256 = der(SEQUENCE, oid("2a8648ce3d040302"));
    private static final byte[] SERVER_AUTH = oid("2b06010505070301");
    /** Key usages are a number of unused bits, and the bits. */
    private static final byte[] SIGNS_CERTIFICATES = der(BIT_STRING, hex("0106"));

    private static final byte[] SIGNS = der(BIT_STRING, hex("0780"));
    private static final String BASIC_CONSTRAINTS = "551d13";
    private static final String KEY_USAGE = "551d0f";
    private static final String EXTENDED_KEY_USAGE = "551d25";
    private static final String ALTERNATIVE_NAME = "551d11";
    private static final String KEY_ID = "551d0e";
    private static final String ISSUER_KEY_ID = "551d23";

    private Certificates() {}

    /** Who has it, and from when to when. */
    record Holder(String name, PublicKey key, Instant from, Instant until) {}

    /** One that vouches for others, and for itself. */
    static X509Certificate authority(Holder holder, PrivateKey key) throws GeneralSecurityException {
        byte[] extensions = der(
                SEQUENCE,
                extension(BASIC_CONSTRAINTS, TRUE, der(SEQUENCE, TRUE)),
                extension(KEY_USAGE, TRUE, SIGNS_CERTIFICATES),
                extension(KEY_ID, NONE, der(OCTET_STRING, keyId(holder.key()))));
        return sign(holder, new X500Principal(holder.name()), extensions, key);
    }

    /** One of a server, for a host by its name. */
    static X509Certificate server(Holder holder, String host, X509Certificate issuer, PrivateKey issuerKey)
            throws GeneralSecurityException {
        byte[] name = der(CONTEXT | 2, host.getBytes(StandardCharsets.US_ASCII));
        byte[] extensions = der(
                SEQUENCE,
                extension(BASIC_CONSTRAINTS, TRUE, der(SEQUENCE)),
                extension(KEY_USAGE, TRUE, SIGNS),
                extension(EXTENDED_KEY_USAGE, NONE, der(SEQUENCE, SERVER_AUTH)),
                extension(ALTERNATIVE_NAME, NONE, der(SEQUENCE, name)),
                extension(ISSUER_KEY_ID, NONE, der(SEQUENCE, der(CONTEXT, keyId(issuer.getPublicKey())))));
        return sign(holder, issuer.getSubjectX500Principal(), extensions, issuerKey);
    }

    private static X509Certificate sign(Holder holder, X500Principal issuer, byte[] extensions, PrivateKey key)
            throws GeneralSecurityException {
        byte[] serial = new BigInteger(127, new SecureRandom()).setBit(126).toByteArray();
        byte[] body = der(
                SEQUENCE,
                VERSION_3,
                der(INTEGER, serial),
                ECDSA_WITH_SHA256,
                issuer.getEncoded(),
                der(SEQUENCE, time(holder.from()), time(holder.until())),
                new X500Principal(holder.name()).getEncoded(),
                holder.key().getEncoded(),
                der(EXPLICIT | 3, extensions));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(body);
        byte[] whole = der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, hex("00"), signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }

    /** By which a certificate is found that vouches for another. */
    private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
        return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
    }

    private static byte[] extension(String oid, byte[] critical, byte[] value) {
        return der(SEQUENCE, oid(oid), critical, der(OCTET_STRING, value));
    }

    private static byte[] oid(String hex) {
        return der(OID, hex(hex));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** A year from 2050 on is written in another form. */
    private static byte[] time(Instant instant) {
        ZonedDateTime time = instant.atZone(ZoneOffset.UTC);
        boolean late = time.getYear() >= 2050;
        String text = DateTimeFormatter.ofPattern(late ? "uuuuMMddHHmmssX" : "uuMMddHHmmssX", Locale.ROOT)
                .format(time);
        return der(late ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A tag, the length, and the parts. */
    private static byte[] der(int tag, byte[]... parts) {
        int length = Stream.of(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= CONTEXT) {
            out.write(0x81);
        }
        out.write(length);
        Stream.of(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }
}
