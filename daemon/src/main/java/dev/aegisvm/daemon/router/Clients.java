package dev.aegisvm.daemon.router;

import module java.base;

/**
 * Who is connected to the ports of instances and to the HTTP router. Every program that may open a socket on the
 * loopback can fill a port, and only what they ask for tells them apart. So of those who have not sent a whole request
 * the oldest leaves when one comes for whom there is no room, and each leaves after a while. A part of the daemon's
 * file descriptors is kept from all of them, for the API, for VMs and for wakes.
 */
public final class Clients {
    private static final int PER_PORT = 2048;
    private static final int SILENT = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** One that sent nothing for so long may lose its place at the guest to another. */
    private static final Duration FIRST_TURN = Duration.ofSeconds(5);

    /** So that a crowd at a full port leaves the host's processors to others: it gets in at most 500 times a second. */
    static final Duration PAUSE = Duration.ofMillis(2);

    /** So many connections of one kind have kernel buffers of the usual size; those beyond have small ones. */
    public static final int WITH_LARGE_BUFFERS = 16;

    /** In bytes, each way. */
    static final int SMALL_BUFFER = 64 << 10;

    private static final long WITHOUT_LIMIT = 1 << 20;
    /** So often that those whose time is up leave a few at a time. */
    private static final Executor SOON =
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS, Thread::startVirtualThread);

    /**
     * How many there may be.
     *
     * @param perPort clients of one port
     * @param silent how many of them go to the guest before they have asked for anything, where they speak HTTP
     * @param descriptors for the clients of all ports together
     * @param patience how long a client of HTTP may be without a whole request
     */
    public record Limits(int perPort, int silent, long descriptors, Duration patience) {}

    private final Limits limits;
    private final Set<Port> busy = new HashSet<>();

    public Clients(Limits limits) {
        this.limits = limits;
    }

    /** With the usual limits, for a process that may have so many descriptors. */
    public static Clients of(OptionalLong openFiles) {
        long all = openFiles.orElse(WITHOUT_LIMIT);
        return new Clients(new Limits(PER_PORT, SILENT, all / 2, PATIENCE));
    }

    /** What a connection may have in the kernel that its other end does not read. */
    public static void boundBuffers(SocketChannel socket) throws IOException {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER);
        socket.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
    }

    /** A client's connection; its methods do not block. */
    interface Connection {
        void abort();

        /** Whether it is we who do not listen to it. */
        boolean heldUp();
    }

    /**
     * A port with no clients yet.
     *
     * @param each how many descriptors one of its clients costs
     * @param patient whether a client may stay without a request as long as there is room
     */
    Port port(int each, boolean patient) {
        return new Port(each, patient);
    }

    final class Port {
        private final int each;
        private final boolean patient;
        /** Those without a request, and since when, the oldest first. */
        private final SequencedMap<Connection, Long> quiet = new LinkedHashMap<>();

        private final Set<Connection> served = new HashSet<>();
        /** Those of the quiet ones who are at the guest. */
        private final Set<Connection> silent = new HashSet<>();

        private boolean watched;

        private Port(int each, boolean patient) {
            this.each = each;
            this.patient = patient;
        }

        private int size() {
            return quiet.size() + served.size();
        }

        /** Whether one client has to leave for the next one, which then can wait for {@link #PAUSE}. */
        boolean isFull() {
            synchronized (Clients.this) {
                return size() >= limits.perPort();
            }
        }

        /** Whether another one has little of the kernel's memory. */
        boolean isCrowded() {
            synchronized (Clients.this) {
                return size() > WITH_LARGE_BUFFERS;
            }
        }

        /** Another one, without a request; there is room for it, or it is sent away at once. */
        void arrived(Connection client) {
            List<Connection> leaving = new ArrayList<>();
            synchronized (Clients.this) {
                busy.add(this);
                quiet.put(client, System.nanoTime());
                if (size() > limits.perPort()) {
                    leaving.add(quiet.sequencedKeySet().removeFirst());
                }
                while (busy.stream()
                                .mapToLong(port -> (long) port.size() * port.each)
                                .sum()
                        > limits.descriptors()) {
                    Port fullest = Collections.max(busy, Comparator.comparingInt(port -> port.quiet.size()));
                    leaving.add(fullest.quiet.sequencedKeySet().removeFirst());
                }
                watch();
            }
            leaving.forEach(Connection::abort);
        }

        /**
         * Whether it may go to the guest before it has asked for anything; where not, when its request is whole. A
         * guest has fewer places than a port has clients, and a server of its own that may need a thread for each.
         */
        boolean mayBeSilent(Connection client) {
            synchronized (Clients.this) {
                return (patient || silent.size() < limits.silent()) && silent.add(client);
            }
        }

        /** Its request is whole: it is served, however long that takes. */
        void asked(Connection client) {
            synchronized (Clients.this) {
                silent.remove(client);
                if (quiet.remove(client) != null) {
                    served.add(client);
                }
            }
        }

        /** It has no whole request; its time begins now. */
        void quiet(Connection client) {
            synchronized (Clients.this) {
                if (served.remove(client) || quiet.containsKey(client)) {
                    quiet.putLast(client, System.nanoTime());
                    watch();
                }
            }
        }

        void left(Connection client) {
            synchronized (Clients.this) {
                quiet.remove(client);
                served.remove(client);
                silent.remove(client);
                if (size() == 0) {
                    busy.remove(this);
                }
            }
        }

        /** Sends one away that has a place at the guest and does nothing with it, if there is one. */
        void makeRoom() {
            sendAway(FIRST_TURN, silent::contains, 1);
        }

        /** The daemon has no memory for another one. */
        void oldestLeaves() {
            sendAway(Duration.ZERO, any -> true, 1);
        }

        private void sendAway(Duration patience, Predicate<Connection> who, int atMost) {
            long before = System.nanoTime() - patience.toNanos();
            List<Connection> leaving;
            synchronized (Clients.this) {
                leaving = quiet.entrySet().stream()
                        .takeWhile(client -> client.getValue() - before <= 0)
                        .map(Map.Entry::getKey)
                        .filter(client -> who.test(client) && !client.heldUp())
                        .limit(atMost)
                        .toList();
                leaving.forEach(quiet::remove);
            }
            leaving.forEach(Connection::abort);
        }

        /** Looks after those whose time is up, as long as there are some who wait. */
        private void watch() {
            if (!patient && !watched && !quiet.isEmpty()) {
                watched = true;
                SOON.execute(this::look);
            }
        }

        private void look() {
            sendAway(limits.patience(), any -> true, Integer.MAX_VALUE);
            synchronized (Clients.this) {
                watched = false;
                watch();
            }
        }
    }
}
