package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.daemon.idle.IdleSettings.AskedTimeouts;
import dev.aegisvm.image.Image;
import dev.aegisvm.image.OwnImages;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What an instance is, from its creation to its deletion.
 *
 * @param secrets what of them its processes have, or use without having it
 * @param image what its root file system is made of; absent: {@link OwnImages#BASE}
 * @param memoryMb memory of its VM in MiB
 * @param diskMb size in MiB of the file system on its own disk
 * @param exposes the ports through which it is reached
 * @param network what its guest may reach
 * @param trustHostCas its programs trust the certificate authorities that this host's administrator has added
 * @param workspace the directory of the host that it has at {@link Workspace#GUEST_PATH}
 * @param volumes further directories of the host
 * @param main how its main process runs
 * @param life how long it stays
 * @param idle how long it may be idle, where that was asked for
 * @param labels what a client wants to find it by
 */
@RecordBuilder
public record InstanceSpec(
        String id,
        Optional<String> handle,
        Optional<ImageUse> image,
        List<String> command,
        Map<String, String> env,
        InstanceSecrets secrets,
        int memoryMb,
        int vcpus,
        int diskMb,
        List<ExposedPort> exposes,
        Egress network,
        boolean trustHostCas,
        Optional<Workspace> workspace,
        List<Volume> volumes,
        MainProcess main,
        Life life,
        AskedTimeouts idle,
        Map<String, String> labels,
        Instant createdAt)
        implements InstanceSpecBuilder.With {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NAME_BYTES = 6;

    public InstanceSpec {
        command = List.copyOf(command);
        env = Map.copyOf(env);
        exposes = List.copyOf(exposes);
        volumes = List.copyOf(volumes);
        labels = Map.copyOf(labels);
    }

    /** A name that was never given before: a prefix and 12 random hex digits. */
    public static String newName(String prefix) {
        byte[] random = new byte[NAME_BYTES];
        RANDOM.nextBytes(random);
        return prefix + HexFormat.of().formatHex(random);
    }

    /** One that has nothing but an id, for more to be added. */
    public static InstanceSpecBuilder of(String id) {
        return InstanceSpecBuilder.builder()
                .id(id)
                .command(List.of())
                .env(Map.of())
                .secrets(InstanceSecrets.NONE)
                .exposes(List.of())
                .network(Egress.OPEN)
                .volumes(List.of())
                .main(MainProcess.USUAL)
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

    /** Whether another instance may connect to a port of it: if a rule says so, and without one if the port is exposed. */
    boolean accepts(InstanceSpec caller, int guestPort) {
        List<String> names =
                Stream.concat(Stream.of(caller.id()), caller.handle().stream()).toList();
        return network.accepts(names).orElseGet(() -> exposes.stream().anyMatch(port -> port.guestPort() == guestPort));
    }

    /** Whether its main process belongs to a client that attaches to it. */
    public boolean hasClient() {
        return life instanceof Life.OfClient;
    }

    /** The size of its main process's terminal, where it gets one. */
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

    /** The directories of the host that it has, in the order in which the guest mounts them: one before those below it. */
    public List<Volume> mounts() {
        Optional<Workspace> shared = workspace.filter(own -> !own.isCopy());
        return Stream.concat(shared.map(own -> new Volume(own, Workspace.GUEST_PATH)).stream(), volumes.stream())
                .sorted(Comparator.comparing(Volume::guestPath))
                .toList();
    }

    /**
     * How the main process runs, where that was asked for; other processes have its directory and its user too.
     *
     * @param cwd an absolute path of the guest
     * @param user a name or a uid of the guest, with a group behind a colon or without
     * @param timeout after which it is killed
     */
    public record MainProcess(Optional<String> cwd, Optional<String> user, Optional<Duration> timeout) {
        public static final MainProcess USUAL = new MainProcess(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * The image that an instance was made of, and how that one wants to be run.
     *
     * @param ref as the client called it
     * @param name the reference in full
     * @param digest of its manifest, {@code sha256:…}
     * @param env the environment of every process, unless the instance says otherwise
     * @param workdir where processes start; empty: it does not say
     * @param user who processes run as; empty: root
     */
    @Json
    public record ImageUse(
            String ref, String name, String digest, Map<String, String> env, String workdir, String user) {
        public ImageUse {
            env = Map.copyOf(env);
        }

        public static ImageUse of(String ref, String name, Image image) {
            return new ImageUse(
                    ref,
                    name,
                    image.digest(),
                    image.config().env(),
                    image.config().workdir(),
                    image.config().user());
        }

        /** The directory that processes start in, if the image has one. */
        public Optional<String> directory() {
            return workdir.isEmpty()
                    ? Optional.empty()
                    : Optional.of(workdir.startsWith("/") ? workdir : "/" + workdir);
        }
    }

    /**
     * A port of the guest that a port of the host stands for, from the instance's creation to its deletion.
     *
     * @param guestPort 1..65535
     * @param publicPort 1..65535; no two instances have the same
     */
    public record ExposedPort(int guestPort, int publicPort, PortProtocol protocol) {
        /** As {@code --expose} has it: {@code 8080:80/http}. */
        public String text() {
            return publicPort + ":" + guestPort + "/" + protocol.wire();
        }

        /**
         * The port of a {@link #text}.
         *
         * @throws IllegalArgumentException when it is none
         */
        public static ExposedPort of(String text) {
            PortMapping port = PortMapping.read(text).orElseThrow(() -> noPort(text));
            Integer publicPort = port.publicPort();
            String protocol = port.protocol();
            if (publicPort == null || protocol == null) {
                throw noPort(text);
            }
            return new ExposedPort(
                    port.port(), publicPort, PortProtocol.parse(protocol).orElseThrow(() -> noPort(text)));
        }

        private static IllegalArgumentException noPort(String text) {
            return new IllegalArgumentException("'" + text + "' is not a valid port to expose");
        }
    }

    /**
     * Which directory of the host an instance has at {@link #GUEST_PATH}.
     *
     * @param source a name, or an absolute path
     */
    public record Workspace(String source, Access access) {
        /** How it has the directory. */
        public enum Access {
            SHARED(""),
            /** The guest cannot change it. */
            READ_ONLY(":ro"),
            /** A copy of its own, made when the instance is. */
            COPY(":copy"),
            /** The same, of what git tracks, and of what is new and not ignored. */
            COPY_GIT(":copy,git");

            private final String suffix;

            Access(String suffix) {
                this.suffix = suffix;
            }

            /** What a text says by its end. */
            private static Access of(String text) {
                return Stream.of(READ_ONLY, COPY, COPY_GIT)
                        .filter(each -> text.endsWith(each.suffix))
                        .findFirst()
                        .orElse(SHARED);
            }
        }

        /** Where it is in the guest. */
        public static final String GUEST_PATH = "/workspace";

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
        private static final String READ_ONLY = Access.READ_ONLY.suffix;

        public Workspace(String source, boolean readOnly) {
            this(source, readOnly ? Access.READ_ONLY : Access.SHARED);
        }

        public boolean readOnly() {
            return access == Access.READ_ONLY;
        }

        /** Whether it is no directory of the host any more once the instance has it. */
        public boolean isCopy() {
            return access == Access.COPY || access == Access.COPY_GIT;
        }

        /**
         * Reads {@code NAME}, {@code /PATH}, or either with {@code :ro}, {@code :copy} or {@code :copy,git} behind it. A path that
         * itself ends in that is written with a slash at its end.
         *
         * @throws IllegalArgumentException when it is none of these; the message says why
         */
        public static Workspace parse(String text) {
            Access access = Access.of(text);
            String source = text.substring(0, text.length() - access.suffix.length());
            if (source.startsWith("/")) {
                return new Workspace(Path.of(source).toString(), access);
            }
            if (source.indexOf('/') >= 0 || source.startsWith(".") || source.startsWith("~")) {
                throw new IllegalArgumentException("the workspace '" + source + "' must be an absolute path");
            }
            if (!NAME.matcher(source).matches()) {
                throw new IllegalArgumentException(
                        "the workspace '" + source
                                + "' is not a valid name: use letters, digits, '-', '_' and '.', at most 63, a letter or digit first");
            }
            return new Workspace(source, access);
        }

        public boolean isPath() {
            return source.startsWith("/");
        }

        /** What {@link #parse} makes this of. */
        public String text() {
            return (Access.of(source) == Access.SHARED ? source : source + "/") + access.suffix;
        }
    }

    /**
     * A directory of the host, and where a guest has it.
     *
     * @param guestPath absolute, without {@code .}, {@code ..} or a colon; {@value #LONGEST} characters at most
     */
    public record Volume(Workspace source, String guestPath) {
        private static final int LONGEST = 1024;
        private static final Pattern FORM = Pattern.compile("(.+):(/[^:]*)(:ro|:rw)?", Pattern.DOTALL);
        /** What the guest's kernel has there must stay. */
        private static final Set<String> KERNELS = Set.of("proc", "sys", "dev");

        /**
         * Reads {@code NAME:/GUEST} or {@code /PATH:/GUEST}, either with {@code :ro} behind it.
         *
         * @throws IllegalArgumentException when it is none of these; the message says why
         */
        public static Volume parse(String text) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "the volume '" + text + "' must be WHERE:GUEST, with an absolute guest path");
            }
            Path guest = Path.of(parts.group(2)).normalize();
            if (guest.getNameCount() == 0
                    || guest.toString().length() > LONGEST
                    || KERNELS.contains(guest.getName(0).toString())) {
                throw new IllegalArgumentException("a volume cannot be mounted at " + guest + " in the guest");
            }
            String readOnly = Workspace.READ_ONLY.equals(parts.group(3)) ? Workspace.READ_ONLY : "";
            return new Volume(Workspace.parse(parts.group(1) + readOnly), guest.toString());
        }

        /** What {@link #parse} makes this of. */
        public String text() {
            return new Workspace(source.source(), false).text() + ":" + guestPath
                    + (source.readOnly() ? Workspace.READ_ONLY : "");
        }
    }
}
