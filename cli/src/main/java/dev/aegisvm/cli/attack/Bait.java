package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.cli.attack.Probe.Finding;
import dev.aegisvm.host.*;

/**
 * What lies on this host for a VM to get at, all of it made for this: listeners on loopback, a workspace, a file beside
 * it, a secret. It notices when something of it was reached, and looks for what else a VM could have got.
 */
final class Bait implements Closeable {
    private static final String BESIDE = "outside the workspace";
    private static final String INSIDE = "as it was";
    private static final int SET_ID = 06000;
    private static final int FILE_TYPE = 0170000;
    private static final Set<Integer> DEVICES = Set.of(0020000, 0060000);
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    /** Of files that may hold the secret; disks, which are larger, have what the VM put there itself. */
    private static final long LARGEST = 64L << 20;

    private static final int PATIENCE_MS = 500;

    final String name = "AEGIS_ATTACK_" + random(6);

    final String secret = random(32);
    private final Path place = Files.createTempDirectory("aegis-attack-").toRealPath();
    private final Path outside = Files.createDirectory(place.resolve("outside"));
    final Path workspace = Files.createDirectory(place.resolve("workspace"));
    private final ServerSocket tcp = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"));
    private final DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), tcp.getInetAddress());
    private final Map<String, Finding> reached = new ConcurrentHashMap<>();
    /** Whether {@link #race} goes on. */
    volatile boolean racing;

    Bait() throws IOException {
        Files.writeString(outside.resolve("secret"), BESIDE);
        Files.writeString(workspace.resolve("inside"), INSIDE);
        Files.writeString(Files.createDirectories(workspace.resolve("race/d")).resolve("secret"), INSIDE);
        beside("loopback-tcp", () -> {
            tcp.accept().close();
            arrived("tcp");
        });
        beside("loopback-udp", () -> {
            udp.receive(new DatagramPacket(new byte[1], 1));
            arrived("udp");
        });
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Does this host's part of a probe on a thread of its own. */
    private void beside(String probe, Work part) {
        Thread.ofVirtual().name(probe).start(() -> {
            try {
                part.run();
            } catch (IOException lost) {
                reached.putIfAbsent(probe, Finding.untried("this host could not do its part: " + lost));
            }
        });
    }

    private void arrived(String protocol) {
        Finding got = Finding.broken("something arrived on port " + udp.getLocalPort() + " of this host's loopback");
        reached.put("loopback-" + protocol, got);
        reached.put("loopback-raw-" + protocol, got);
    }

    /** What a VM is told of it; of the secret only how it begins, its length and a checksum. */
    List<String> told() {
        byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(bytes);
        String known = secret.substring(0, 6) + ":" + bytes.length + ":" + sum.getValue();
        return List.of("port=" + udp.getLocalPort(), "outside=" + outside, "known=" + known);
    }

    /** Puts a link that leads outside in the place of a directory and back, while {@link #racing}. */
    void race() {
        racing = true;
        beside("workspace-race", () -> {
            Path directory = workspace.resolve("race/d");
            Path aside = workspace.resolve("race/aside");
            Path link = Files.createSymbolicLink(workspace.resolve("race/link"), outside);
            while (racing) {
                Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
                Files.move(link, directory, StandardCopyOption.ATOMIC_MOVE);
                Files.move(directory, link, StandardCopyOption.ATOMIC_MOVE);
                Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
            }
        });
    }

    /** What was reached, by the probe that was to reach it. */
    Map<String, Finding> reached() throws IOException {
        Path file = outside.resolve("secret");
        boolean same = Arrays.equals(outside.toFile().list(), new String[] {"secret"})
                && Files.readString(file).equals(BESIDE)
                && Files.getAttribute(file, "unix:nlink").equals(1);
        for (String way : same ? List.<String>of() : List.of("symlink", "dotdot", "hardlink", "remount", "race")) {
            reached.put("workspace-" + way, Finding.broken(outside + " on this host was changed"));
        }
        if (!Files.readString(workspace.resolve("inside")).equals(INSIDE)) {
            reached.put("workspace-readonly", Finding.broken("a file in it was changed"));
        }
        try (Stream<Path> made = Files.walk(workspace)) {
            for (Path each : made.toList()) {
                look(each);
            }
        }
        return reached;
    }

    private void look(Path made) throws IOException {
        int mode = (Integer) Files.getAttribute(made, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        Object uid = Files.getAttribute(made, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if ((mode & SET_ID) != 0) {
            reached.put("workspace-setuid", Finding.broken(made + " has the mode " + Integer.toOctalString(mode)));
        }
        if (DEVICES.contains(mode & FILE_TYPE)) {
            reached.put("workspace-device", Finding.broken(made + " is a device"));
        }
        if (!uid.equals(PrivateDirectory.ourUid())) {
            reached.put("workspace-owner", Finding.broken(made + " belongs to uid " + uid));
        }
    }

    /** What only this host can tell: who may read AegisVM's files, where the secret is, who reaches an exposed port. */
    Map<String, Finding> findings(AegisHome home, int exposed) {
        Map<String, Finding> found = new HashMap<>();
        found.put("home-closed", tried(() -> closed(home.root(), home.data())));
        found.put("api-socket", tried(() -> closed(home.socket())));
        found.put("secret-at-rest", without(secret, filesBelow(home.root().toFile())));
        Stream<File> shown = entries(new Machine().processes().toFile())
                .flatMap(process -> Stream.of(new File(process, "cmdline"), new File(process, "environ")));
        found.put("secret-in-proc", without(secret, shown));
        found.put("expose-lan", tried(() -> exposed(exposed)));
        return found;
    }

    private static Finding tried(Callable<Finding> look) {
        try {
            return look.call();
        } catch (Exception obstacle) {
            return Finding.untried(obstacle.toString());
        }
    }

    private static Finding closed(Path... places) throws IOException {
        for (Path place : places) {
            PosixFileAttributes found =
                    Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isSymbolicLink() || !Collections.disjoint(found.permissions(), OTHERS)) {
                return Finding.broken(place + " is " + PosixFilePermissions.toString(found.permissions()));
            }
        }
        return Finding.HELD;
    }

    /** Of files that are there and that we may read. */
    static Finding without(String secret, Stream<File> files) {
        List<File> found = files.filter(file -> has(file, secret)).toList();
        return found.isEmpty() ? Finding.HELD : Finding.broken("the secret was found in " + found);
    }

    private static boolean has(File file, String secret) {
        try {
            return file.length() <= LARGEST
                    && Files.readString(file.toPath(), StandardCharsets.ISO_8859_1)
                            .contains(secret);
        } catch (IOException goneOrNotForUs) {
            return false;
        }
    }

    /** Symbolic links are not followed. */
    static Stream<File> filesBelow(File directory) {
        return entries(directory)
                .filter(entry -> !Files.isSymbolicLink(entry.toPath()))
                .flatMap(entry -> entry.isFile() ? Stream.of(entry) : filesBelow(entry));
    }

    /** Of a directory that may be gone by now; of another file there are none. */
    private static Stream<File> entries(File directory) {
        return Stream.ofNullable(directory.listFiles()).flatMap(Arrays::stream);
    }

    private static Finding exposed(int port) throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(own -> !own.isLoopbackAddress() && !own.isLinkLocalAddress() && answers(own, port))
                .findFirst()
                .map(own -> Finding.broken("port " + port + " answers on " + own.getHostAddress()))
                .orElse(Finding.HELD);
    }

    /** A connection to an address of this host stays within it. */
    private static boolean answers(InetAddress own, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(own, port), PATIENCE_MS);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        racing = false;
        tcp.close();
        udp.close();
        PrivateDirectory.remove(place);
    }
}
