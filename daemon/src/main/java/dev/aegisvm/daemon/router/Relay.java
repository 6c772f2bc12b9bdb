package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.guest.protocol.GuestStream;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Bytes between a socket of the host and a connection of a guest. Each way ends by itself, a side that does not read
 * holds back the other one, and a failure on one side resets the other.
 */
public final class Relay {
    private static final System.Logger LOG = System.getLogger(Relay.class.getName());
    static final int FIRST_BUFFER = 4096;
    /** The largest buffer for bytes on their way, unless {@link Moves} want smaller ones. */
    static final int MAX_BUFFER = 65_536;

    private final SocketChannel socket;
    private final GuestStream guest;
    private final Connections.Client use;
    private final Moves moves;

    public Relay(SocketChannel socket, GuestStream guest, Connections.Client use, Moves moves) {
        this.socket = socket;
        this.guest = guest;
        this.use = use;
        this.moves = moves;
    }

    /** What is told of the bytes that move. May hold them back, or end the relay by an exception. */
    public interface Moves {
        default OutputStream toGuest(OutputStream guest) {
            return guest;
        }

        /** How many bytes may come at a time, {@value #MAX_BUFFER} at most. */
        default int atOnce() {
            return MAX_BUFFER;
        }

        /** So many bytes came from the socket; -1: their end. */
        default void heard(byte[] bytes, int count) {}

        /** These are on their way to the guest, and held back as long as it has no room for them. */
        void sending(int count) throws IOException;

        /** The guest has taken them, or will. */
        void sent(int count);

        /** These bytes came from the guest; what is returned goes to the socket. */
        ByteBuffer answered(ByteBuffer bytes) throws IOException;

        default void answeredAll() throws IOException {}
    }

    /** Relays until both ways have ended. */
    public void run() throws InterruptedException {
        run(new byte[FIRST_BUFFER], 0);
    }

    /** @param first in which so many bytes are that the socket sent already */
    void run(byte[] first, int early) throws InterruptedException {
        Thread back = Task.start("relay-back", () -> untilBroken(this::fromGuest), bug -> abort());
        untilBroken(() -> toGuest(first, early));
        back.join();
    }

    private interface Way {
        void copy() throws IOException;
    }

    private void untilBroken(Way way) {
        try {
            way.copy();
        } catch (IOException broken) {
            LOG.log(Level.DEBUG, "a connection broke: " + broken.getMessage());
            abort();
        }
    }

    private void toGuest(byte[] first, int early) throws IOException {
        OutputStream out = moves.toGuest(guest.out());
        byte[] bytes = first;
        for (int count = early > 0 ? early : heard(bytes); count >= 0; count = heard(bytes)) {
            moves.sending(count);
            out.write(bytes, 0, count);
            moves.sent(count);
            bytes = fitting(bytes, count);
        }
        out.close();
    }

    private int heard(byte[] bytes) throws IOException {
        int count = socket.read(ByteBuffer.wrap(bytes));
        moves.heard(bytes, count);
        return count;
    }

    private void fromGuest() throws IOException {
        InputStream in = guest.in();
        byte[] bytes = new byte[FIRST_BUFFER];
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            ByteBuffer rest = moves.answered(ByteBuffer.wrap(bytes, 0, count));
            while (rest.hasRemaining()) {
                socket.write(rest);
            }
            bytes = fitting(bytes, count);
        }
        moves.answeredAll();
        socket.shutdownOutput();
    }

    /** Doubles the buffer when it was filled, so that quiet connections stay small. */
    private byte[] fitting(byte[] bytes, int used) {
        boolean grow = used == bytes.length && used < moves.atOnce() && use.grows(used);
        return grow ? Arrays.copyOf(bytes, bytes.length * 2) : bytes;
    }

    public void abort() {
        abort(socket, guest);
    }

    /** The same where there may be no connection to the guest yet. */
    static void abort(SocketChannel socket, @Nullable GuestStream guest) {
        if (guest != null) {
            guest.close();
        }
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "a socket was closed already: " + gone);
        }
    }
}
