package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.idle.IdlePolicy.AskedTimeouts;
import dev.aegisvm.host.UntrustedMap;
import dev.aegisvm.image.*;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What an instance is, from its creation to its deletion. {@link SpecJson} is its only stored form.
 *
 * @param image what its root file system is made of; absent: {@link OwnImages#BASE}
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record InstanceSpec(
        String id,
        Optional<String> handle,
        Instant createdAt,
        Size size,
        Optional<ImageUse> image,
        Environment environment,
        InstanceSecrets secrets,
        List<ExposedPort> exposes,
        Egress network,
        Mounts mounts,
        Life life,
        AskedTimeouts idle,
        Map<String, String> labels)
        implements InstanceSpecBuilder.With {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NAME_DIGITS = 12;

    public InstanceSpec {
        // The parser lets a key be absent.
        Stream.of(id, createdAt, size, environment, secrets, network, mounts, life, idle)
                .forEach(Objects::requireNonNull);
        exposes = List.copyOf(exposes);
        labels = UntrustedMap.copyOf(labels);
    }

    /** A name that was never given before: a prefix and random hex digits. */
    public static String newName(String prefix) {
        return prefix + HexFormat.of().toHexDigits(RANDOM.nextLong(), NAME_DIGITS);
    }

    /** One that has nothing but an id and a size, for more to be added. */
    public static InstanceSpecBuilder of(String id, Size size) {
        return InstanceSpecBuilder.builder()
                .id(id)
                .size(size)
                .environment(Environment.NONE)
                .secrets(InstanceSecrets.NONE)
                .exposes(List.of())
                .network(Egress.OPEN)
                .mounts(Mounts.NONE)
                .life(Life.Stays.FOREVER)
                .idle(AskedTimeouts.NONE)
                .labels(Map.of());
    }

    /** The digest of the image that it is made of, or what one of {@link OwnImages} has in its place. */
    public String imageDigest() {
        return image.map(ImageUse::digest).orElse(OwnImages.BASE);
    }

    /** Whether it has a port that a connection may come to, and wake it. */
    public boolean isReachable() {
        return !exposes.isEmpty() || network.acceptsSome();
    }

    /** Whether another instance may connect to a port of it: a rule says so, or, without one, the port is exposed. */
    boolean accepts(InstanceSpec caller, int guestPort) {
        List<String> names =
                Stream.concat(Stream.of(caller.id()), caller.handle().stream()).toList();
        return network.accepts(names).orElseGet(() -> exposes.stream().anyMatch(port -> port.guestPort() == guestPort));
    }

    /** Whether its main process belongs to a client that attaches to it. */
    public boolean hasClient() {
        return life instanceof Life.OfClient;
    }

    public Optional<TerminalSize> tty() {
        return life instanceof Life.OfClient client ? client.tty() : Optional.empty();
    }

    /** How it is called: by its user's name for it, or else by its id. */
    public String hostname() {
        return handle.orElse(id);
    }

    /** What its guest may reach: what its network says, and the hosts of its secrets. */
    public Egress egress() {
        return network.with(secrets.rules());
    }

    /**
     * The image that an instance was made of, and how that one wants to be run.
     *
     * @param ref as the client called it
     * @param name the reference in full
     * @param digest of its manifest, {@code sha256:…}
     * @param workdir empty: it does not say
     * @param user empty: root
     */
    @Json
    public record ImageUse(
            String ref, String name, String digest, Map<String, String> env, String workdir, String user) {
        public ImageUse {
            Stream.of(ref, name, digest, workdir, user).forEach(Objects::requireNonNull);
            env = UntrustedMap.copyOf(env);
        }

        public static ImageUse of(String ref, String name, Image image) {
            Image.Config config = image.config();
            return new ImageUse(ref, name, image.digest(), config.env(), config.workdir(), config.user());
        }

        public Optional<String> directory() {
            return workdir.isEmpty()
                    ? Optional.empty()
                    : Optional.of(workdir.startsWith("/") ? workdir : "/" + workdir);
        }
    }

    /**
     * A port of the host (1..65535, of one instance only) that stands for one of a guest until it is deleted; or what
     * is wanted, until it is taken.
     */
    public record ExposedPort(int guestPort, int publicPort, PortProtocol protocol) {
        /** The public port where any is wanted that is free. */
        public static final int ANY = 0;

        /** As {@code --expose} has it: {@code 8080:80/http}. */
        public String text() {
            return publicPort + ":" + guestPort + "/" + protocol.wire();
        }

        /** The port of a {@link #text}; throws {@link IllegalArgumentException} when it is none. */
        public static ExposedPort of(String text) {
            return PortMapping.read(text)
                    .flatMap(ExposedPort::whole)
                    .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is not a valid port to expose"));
        }

        private static Optional<ExposedPort> whole(PortMapping port) {
            Integer publicPort = port.publicPort();
            return publicPort == null || publicPort == ANY
                    ? Optional.empty()
                    : Optional.ofNullable(port.protocol())
                            .flatMap(PortProtocol::parse)
                            .map(protocol -> new ExposedPort(port.port(), publicPort, protocol));
        }
    }
}
