package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.host.Machine;
import org.jspecify.annotations.Nullable;

/** What only this host can tell: who may read AegisVM's files, where the secret is, and who reaches an exposed port. */
final class HostLook {
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    /** Of files that may hold the secret; disks, which are larger, have what the VM put there itself. */
    private static final long LARGEST = 64L << 20;

    private static final int PATIENCE_MS = 500;

    private HostLook() {}

    static Map<String, Finding> findings(AegisHome home, String secret, InstanceView exposing) {
        Map<String, Finding> found = new HashMap<>();
        found.put("home-closed", tried(() -> closed(home.root(), home.data())));
        found.put("api-socket", tried(() -> closed(home.socket())));
        Set<String> ofProcess = Set.of("cmdline", "environ");
        found.put("secret-at-rest", tried(() -> within(home.root(), Integer.MAX_VALUE, Set.of(), secret)));
        found.put("secret-in-proc", tried(() -> within(new Machine().processes(), 2, ofProcess, secret)));
        found.put("expose-lan", tried(() -> exposed(exposing)));
        return found;
    }

    private interface Look {
        Finding look() throws IOException;
    }

    private static Finding tried(Look look) {
        try {
            return look.look();
        } catch (IOException | UncheckedIOException obstacle) {
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
        return Finding.held();
    }

    /** Looks into each file that may be read, down to a depth. */
    private static Finding within(Path root, int depth, Set<String> names, String secret) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, Set.of(), depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
                boolean wanted = facts.isRegularFile() && facts.size() <= LARGEST;
                if (wanted && (names.isEmpty() || names.contains(String.valueOf(file.getFileName())))) {
                    look(file);
                }
                return FileVisitResult.CONTINUE;
            }

            private void look(Path file) {
                try {
                    if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret)) {
                        found.add(file);
                    }
                } catch (IOException gone) {
                    return; // or not for us to read
                }
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found.isEmpty() ? Finding.held() : Finding.broken("it is in " + found);
    }

    /** A connection to an address of this host stays within it. */
    private static Finding exposed(InstanceView exposing) throws IOException {
        int port = exposing.endpoints().getFirst().publicPort();
        for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress own : Collections.list(card.getInetAddresses())) {
                if (own.isLoopbackAddress() || own.isLinkLocalAddress()) {
                    continue;
                }
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(own, port), PATIENCE_MS);
                    return Finding.broken("port " + port + " answers on " + own.getHostAddress());
                } catch (IOException refused) {
                    // As it should be.
                }
            }
        }
        return Finding.held();
    }
}
