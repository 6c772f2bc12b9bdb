package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;

/**
 * What lies on this host for a VM to get at, all of it made for this: listeners on loopback, a workspace, a file beside it, a
 * secret. It notices when something of it was reached.
 */
final class Bait implements Closeable {
    private static final String BESIDE = "outside the workspace";
    private static final String INSIDE = "as it was";
    private static final int RIGHTS = 06000;
    private static final int FILE_TYPE = 0170000;
    private static final Set<Integer> DEVICES = Set.of(0020000, 0060000);

    private final String name = "AEGIS_ATTACK_" + random(6);
    private final String secret = random(32);
    private final Path place = Files.createTempDirectory("aegis-attack-").toRealPath();
    private final List<Closeable> listeners = new ArrayList<>();
    private final Map<String, Finding> reached = new ConcurrentHashMap<>();
    private final int port;
    private volatile boolean racing;

    Bait() throws IOException {
        Files.writeString(Files.createDirectories(outside()).resolve("secret"), BESIDE);
        Files.writeString(Files.createDirectories(workspace()).resolve("inside"), INSIDE);
        Files.writeString(Files.createDirectories(workspace().resolve("race/d")).resolve("secret"), INSIDE);
        ServerSocket tcp = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"));
        port = tcp.getLocalPort();
        DatagramSocket udp = new DatagramSocket(port, InetAddress.ofLiteral("127.0.0.1"));
        listeners.addAll(List.of(tcp, udp));
        listen("tcp", () -> tcp.accept().close());
        listen("udp", () -> udp.receive(new DatagramPacket(new byte[1], 1)));
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private interface Arrival {
        void await() throws IOException;
    }

    private void listen(String protocol, Arrival arrival) {
        Thread.ofVirtual().name("bait").start(() -> {
            try {
                arrival.await();
                Finding got = Finding.broken("something arrived on port " + port + " of this host's loopback");
                reached.put("loopback-" + protocol, got);
                reached.put("loopback-raw-" + protocol, got);
            } catch (IOException over) {
                return;
            }
        });
    }

    /** The name of the secret. */
    String name() {
        return name;
    }

    String secret() {
        return secret;
    }

    Path workspace() {
        return place.resolve("workspace");
    }

    private Path outside() {
        return place.resolve("outside");
    }

    /** What a VM is told of it; of the secret only how it begins, and a digest. */
    List<String> told() {
        byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
        try {
            HexFormat hex = HexFormat.of();
            String digest = hex.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            String known = hex.formatHex(bytes, 0, 6) + ":" + digest + ":" + bytes.length;
            return List.of("port=" + port, "outside=" + outside(), "known=" + known);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Puts a link that leads outside in the place of a directory and back, until {@link #raced}. */
    void race() {
        racing = true;
        Thread.ofVirtual().name("race").start(() -> {
            Path race = workspace().resolve("race");
            Path directory = race.resolve("d");
            Path aside = race.resolve("aside");
            try {
                Path link = Files.createSymbolicLink(race.resolve("link"), outside());
                while (racing) {
                    Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(link, directory, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(directory, link, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException lost) {
                reached.put("workspace-race", Finding.untried("this host could not do its part: " + lost));
            }
        });
    }

    void raced() {
        racing = false;
    }

    /** What was reached, by the probe that was to reach it. */
    Map<String, Finding> reached() throws IOException {
        Path file = outside().resolve("secret");
        boolean alone = Objects.requireNonNull(outside().toFile().list()).length == 1;
        if (!alone
                || !Files.readString(file).equals(BESIDE)
                || !Files.getAttribute(file, "unix:nlink").equals(1)) {
            for (String way : List.of("symlink", "dotdot", "hardlink", "remount", "race")) {
                reached.put("workspace-" + way, Finding.broken(outside() + " on this host was changed"));
            }
        }
        if (!Files.readString(workspace().resolve("inside")).equals(INSIDE)) {
            reached.put("workspace-readonly", Finding.broken("a file in it was changed"));
        }
        try (Stream<Path> made = Files.walk(workspace())) {
            for (Path each : made.toList()) {
                look(each);
            }
        }
        return reached;
    }

    private void look(Path made) throws IOException {
        int mode = (Integer) Files.getAttribute(made, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        int uid = (Integer) Files.getAttribute(made, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if ((mode & RIGHTS) != 0) {
            reached.put("workspace-setuid", Finding.broken(made + " has the mode " + Integer.toOctalString(mode)));
        }
        if (DEVICES.contains(mode & FILE_TYPE)) {
            reached.put("workspace-device", Finding.broken(made + " is a device"));
        }
        if (uid != PrivateDirectory.ourUid()) {
            reached.put("workspace-owner", Finding.broken(made + " belongs to uid " + uid));
        }
    }

    @Override
    public void close() throws IOException {
        raced();
        for (Closeable each : listeners) {
            each.close();
        }
        PrivateDirectory.remove(place);
    }
}
