package dev.aegisvm.image;

import module java.base;

/** Where an image is: in a registry, in a directory of this host, or in the cache and nowhere else. */
public sealed interface ImageReference {
    /** The registry of names that do not name one. */
    String DEFAULT_REGISTRY = "docker.io";

    String LAYOUT_PREFIX = "oci:";

    /** The full reference, as it is stored and shown. */
    String name();

    /** In a registry. The digest of the manifest wins over the tag, which can move to another one. */
    record InRegistry(String host, String repository, Optional<String> tag, Optional<String> digest)
            implements ImageReference {
        @Override
        public String name() {
            return host + "/" + repository + tag.map(t -> ":" + t).orElse("")
                    + digest.map(d -> "@" + d).orElse("");
        }

        /** What the registry is asked for. */
        public String version() {
            return digest.or(() -> tag).orElseThrow();
        }

        /** Whether the registry is on this machine, where HTTP is safe. */
        public boolean loopback() {
            String bare = host.replaceFirst(":\\d+$", "");
            return bare.equals("localhost") || bare.equals("[::1]") || bare.matches("127(\\.\\d{1,3}){3}");
        }
    }

    /** In an OCI layout: the image with this tag, or the only one. */
    record InLayout(Path directory, Optional<String> tag) implements ImageReference {
        @Override
        public String name() {
            return LAYOUT_PREFIX + directory + tag.map(t -> ":" + t).orElse("");
        }
    }

    /** One of {@link OwnImages}, or the digest of an image of the cache; no registry is asked for it. */
    record Here(String name) implements ImageReference {}

    /** Reads a reference as Docker does, a {@link Here}, or {@code oci:DIRECTORY[:TAG]}. */
    static ImageReference parse(String text) throws ImageException {
        if (text.startsWith(LAYOUT_PREFIX)) {
            return layout(text);
        }
        boolean onlyHere = text.startsWith(OwnImages.PREFIX)
                || Grammar.DIGEST.matcher(text).matches();
        return onlyHere ? new Here(text) : inRegistry(text);
    }

    static InRegistry inRegistry(String text) throws ImageException {
        Matcher parts = Grammar.REFERENCE.matcher(text);
        if (text.length() > Grammar.MAX_LENGTH || !parts.matches()) {
            throw bad(text, Grammar.hint(text));
        }
        String path = parts.group("path");
        String host = DEFAULT_REGISTRY;
        int slash = path.indexOf('/');
        if (slash > 0 && Grammar.isHost(path.substring(0, slash))) {
            host = path.substring(0, slash);
            path = path.substring(slash + 1);
        } else if (slash < 0) {
            path = "library/" + path;
        }
        if (host.equals("index." + DEFAULT_REGISTRY)) {
            host = DEFAULT_REGISTRY;
        }
        if (!Grammar.HOST.matcher(host).matches()
                || !Grammar.REPOSITORY.matcher(path).matches()) {
            throw bad(text, Grammar.hint(text));
        }
        Optional<String> digest = Optional.ofNullable(parts.group("digest"));
        Optional<String> usual = digest.isEmpty() ? Optional.of("latest") : Optional.empty();
        Optional<String> tag = Optional.ofNullable(parts.group("tag")).or(() -> usual);
        InRegistry whole = new InRegistry(host, path, tag, digest);
        if (whole.name().length() > Grammar.MAX_LENGTH) {
            throw bad(text, "the full name must be at most " + Grammar.MAX_LENGTH + " characters");
        }
        return whole;
    }

    private static ImageReference layout(String text) throws ImageException {
        String rest = text.substring(LAYOUT_PREFIX.length());
        int colon = rest.lastIndexOf(':');
        boolean tagged = colon > rest.lastIndexOf('/');
        String directory = tagged ? rest.substring(0, colon) : rest;
        if (directory.isEmpty() || directory.indexOf('\0') >= 0) {
            throw bad(text, "'oci:' must be followed by a directory, such as oci:./layout");
        }
        try {
            Path path = Path.of(directory).normalize();
            return new InLayout(path, tagged ? Optional.of(rest.substring(colon + 1)) : Optional.empty());
        } catch (InvalidPathException noName) {
            throw bad(text, "this is not a valid file name");
        }
    }

    private static ImageException bad(String text, String hint) {
        return new ImageException(
                ImageException.Reason.BAD_REFERENCE, "'" + text + "' is not an image reference", hint);
    }

    final class Grammar {
        private static final int MAX_LENGTH = 512;
        private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
        private static final Pattern REFERENCE = Pattern.compile(
                "(?<path>[^@\\s]+?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>" + DIGEST + "))?");
        private static final Pattern HOST =
                Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+])(?::\\d{1,5})?");
        private static final String WORD = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
        private static final Pattern REPOSITORY = Pattern.compile(WORD + "(?:/" + WORD + ")*");

        private Grammar() {}

        /** The first part of a path is a host if no name in the default registry can begin with it. */
        private static boolean isHost(String first) {
            return first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        }

        private static String hint(String text) {
            return text.chars().anyMatch(Character::isUpperCase)
                    ? "repository names must be in lower case"
                    : "such as debian:13, localhost:5000/app:1, name@sha256:<64 hex digits> or oci:./layout";
        }
    }
}
