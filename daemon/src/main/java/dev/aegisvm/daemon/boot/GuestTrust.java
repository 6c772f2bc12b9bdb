package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.gateway.intercept.SystemTrust;

/** Has the programs of a guest trust a certificate authority: where systems keep whom they trust, and by variables. */
final class GuestTrust {
    private static final String DIRECTORY = "/etc/ssl";
    private static final String OURS = DIRECTORY + "/aegis-ca.pem";
    private static final int LARGEST = 4 << 20;
    /** These name a file with all who are trusted; that of Node only one with further ones. */
    private static final List<String> VARIABLES =
            List.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO");

    private GuestTrust() {}

    /**
     * Adds it, unless it is there from an earlier boot.
     *
     * @param files of the guest, as root
     * @return the variables for its processes
     */
    static Map<String, String> give(GuestFiles files, String authority) throws IOException {
        files.makeDirectory(DIRECTORY, OptionalInt.empty(), true);
        write(files, OURS, authority);
        // An image without any has programs with a list of their own, or none that verify.
        String bundle = OURS;
        for (String place : SystemTrust.BUNDLES.reversed()) {
            Optional<String> had = read(files, place);
            if (had.isPresent()) {
                bundle = place;
                if (!had.get().contains(authority)) {
                    write(files, place, had.get() + (had.get().endsWith("\n") ? "" : "\n") + authority);
                }
            }
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (String variable : VARIABLES) {
            variables.put(variable, bundle);
        }
        variables.put("NODE_EXTRA_CA_CERTS", OURS);
        return variables;
    }

    /** Each character is a byte; nothing where there is no such file. */
    private static Optional<String> read(GuestFiles files, String path) throws IOException {
        try (FileContent content = files.read(path, 0, OptionalLong.empty())) {
            byte[] bytes = content.in().readNBytes(LARGEST);
            if (bytes.length == LARGEST) {
                throw new IOException(path + " of the guest is larger than " + LARGEST + " bytes");
            }
            return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (FileFailure obstacle) {
            if (obstacle.reason() == FileFailure.Reason.NOT_FOUND
                    || obstacle.reason() == FileFailure.Reason.NOT_A_DIRECTORY) {
                return Optional.empty();
            }
            throw obstacle;
        }
    }

    private static void write(GuestFiles files, String path, String content) throws IOException {
        try (FileReplacement file = files.write(path, OptionalInt.empty(), Optional.empty())) {
            file.out().write(content.getBytes(StandardCharsets.ISO_8859_1));
            file.finish();
        }
    }
}
