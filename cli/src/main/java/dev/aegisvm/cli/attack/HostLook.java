package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.cli.attack.Probe.Finding;
import dev.aegisvm.host.Machine;

/** What only this host can tell: who may read AegisVM's files, where the secret is, and who reaches an exposed port. */
final class HostLook {
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    /** Of files that may hold the secret; disks, which are larger, have what the VM put there itself. */
    private static final long LARGEST = 64L << 20;

    private static final int PATIENCE_MS = 500;

    private HostLook() {}

    static Map<String, Finding> findings(AegisHome home, String secret, int exposed) {
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
}
