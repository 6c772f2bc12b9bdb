package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;

/**
 * Everything on the host that belongs to a home.
 *
 * @param processes all of them but the daemon
 * @param files below the home and the run directory, sockets among them
 * @param ports that its processes listen on besides the one of the HTTP router, which every daemon has, under another number
 *     each time; as {@code /proc/net/tcp} writes them
 */
record Inventory(List<String> processes, List<String> files, List<String> ports) {
    private static final String LISTENS = "0A";
    private static final int ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    static Inventory of(HomeFixture home) throws IOException {
        String daemon = home.daemonPid() + " ";
        List<String> processes = home.processes();
        Set<String> sockets = new HashSet<>();
        for (String process : processes) {
            sockets.addAll(sockets(process.substring(0, process.indexOf(' '))));
        }
        List<String> files = new ArrayList<>(files(home.directory(), ""));
        files.addAll(files(home.runDirectory(), "run/"));
        return new Inventory(
                processes.stream()
                        .filter(process -> !process.startsWith(daemon))
                        .toList(),
                files,
                ports(sockets, router(home)));
    }

    /** The files that an earlier inventory does not have. */
    List<String> filesSince(Inventory earlier) {
        List<String> more = new ArrayList<>(files);
        earlier.files.forEach(more::remove);
        return more;
    }

    String figures() {
        return processes.size() + " processes besides the daemon, " + files.size() + " files, " + ports.size()
                + " ports";
    }

    private static List<String> files(Path directory, String prefix) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .map(file -> prefix + directory.relativize(file))
                    // A library that each daemon unpacks under a name of its own.
                    .map(file -> file.replaceFirst("^data/tmp/.*", "data/tmp/…"))
                    .sorted()
                    .toList();
        }
    }

    /** The inodes of a process's sockets. */
    private static Set<String> sockets(String pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", pid, "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target = target(descriptor);
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
        } catch (NoSuchFileException ended) {
            return Set.of();
        }
        return inodes;
    }

    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closed) {
            return "";
        }
    }

    /** As {@code /proc/net/tcp} ends an address with a port. */
    private static String router(HomeFixture home) throws IOException {
        try (DaemonClient daemon = home.client()) {
            String address =
                    Objects.requireNonNull(daemon.call(Routes.STATUS).routerAddr(), "this daemon has no HTTP router");
            return ":%04X".formatted(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        }
    }

    private static List<String> ports(Set<String> sockets, String without) throws IOException {
        List<String> ports = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/net", table), StandardCharsets.US_ASCII)) {
                String[] fields = line.strip().split(" +", -1);
                if (fields[STATE].equals(LISTENS)
                        && sockets.contains(fields[INODE])
                        && !fields[ADDRESS].endsWith(without)) {
                    ports.add(fields[ADDRESS]);
                }
            }
        }
        return ports;
    }
}
