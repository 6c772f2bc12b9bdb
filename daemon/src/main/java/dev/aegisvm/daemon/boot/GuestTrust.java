package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.gateway.intercept.*;
import java.lang.System.Logger.Level;

/** Has the programs of a guest trust certificate authorities: where systems keep whom they trust, and by variables. */
final class GuestTrust {
    private static final System.Logger LOG = System.getLogger(GuestTrust.class.getName());
    private static final String DIRECTORY = "/etc/ssl";
    private static final int LARGEST = 4 << 20;
    /** These name a file with all who are trusted; that of Node only one with further ones. */
    private static final List<String> VARIABLES =
            List.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO");

    private GuestTrust() {}

    /** As root, adds those (in PEM) that are not there yet; returns the variables for the guest's processes. */
    static Map<String, String> give(GuestFiles files, List<String> authorities, Optional<String> javaHome)
            throws IOException {
        files.makeDirectory(DIRECTORY, Optional.empty(), true);
        write(files, SystemTrust.GIVEN, String.join("", authorities));
        // An image without any has programs with a list of their own, or none that verify.
        String bundle = SystemTrust.GIVEN;
        for (String place : SystemTrust.BUNDLES.reversed()) {
            Optional<String> had = read(files, place, LARGEST);
            if (had.isPresent()) {
                bundle = place;
                add(files, place, had.get(), authorities);
            }
        }
        JavaTrust.places(javaHome).forEach(place -> addToJava(files, place, authorities));
        Map<String, String> variables = new LinkedHashMap<>();
        for (String variable : VARIABLES) {
            variables.put(variable, bundle);
        }
        variables.put("NODE_EXTRA_CA_CERTS", SystemTrust.GIVEN);
        return variables;
    }

    private static void add(GuestFiles files, String place, String had, List<String> authorities) throws IOException {
        String missing = authorities.stream()
                .filter(authority -> !had.contains(authority))
                .collect(Collectors.joining());
        if (!missing.isEmpty()) {
            write(files, place, had + (had.endsWith("\n") ? "" : "\n") + missing);
        }
    }

    /** The instance starts without it too: its programs may have nothing to do with Java. */
    private static void addToJava(GuestFiles files, String place, List<String> authorities) {
        try {
            Optional<String> had = read(files, place, JavaTrust.LARGEST);
            if (had.isPresent()) {
                String all = JavaTrust.with(had.get(), authorities);
                if (!all.equals(had.get())) {
                    write(files, place, all);
                }
            }
        } catch (IOException obstacle) {
            LOG.log(
                    Level.WARNING,
                    "Java programs do not use the guest's certificates in " + place + ": " + obstacle.getMessage());
        }
    }

    /** Each character is a byte; nothing where there is no such file. */
    private static Optional<String> read(GuestFiles files, String path, int most) throws IOException {
        try (InputStream content = files.read(path, 0, Optional.empty())) {
            byte[] bytes = content.readNBytes(most);
            if (bytes.length == most) {
                throw new IOException(path + " in the guest is larger than " + most + " bytes");
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
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        files.write(path, Optional.empty(), out -> out.write(bytes));
    }
}
