package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.vmm.*;

/**
 * Brings a fresh guest into the state in which a template is saved, or a spare waits. The channel stays open,
 * without a reader. Every guest is told again who it is; what stays is the network, and the way through the
 * kernel.
 */
public final class GuestPreparation implements GuestPreparer {
    /**
     * Loads what each process of an instance will need, so that no instance reads it from the disk again. Looked up by
     * name, as instances do: each directory of the PATH that has no such file is known then.
     */
    private static final List<List<String>> WARM_UP =
            List.of(List.of("true"), List.of("sh", "-c", "true"), List.of("echo", "warm"));

    /** Longer than any caller waits before it ends the guest's machine. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Override
    public void park(ByteChannel channel) throws IOException {
        try (GuestSession session = GuestSession.open(channel, LIMIT)) {
            session.health(LIMIT);
            session.park(LIMIT);
        }
    }

    @Override
    public void mountAndPark(ByteChannel channel, GuestDevices devices) throws IOException {
        try (GuestSession session = GuestSession.open(channel, LIMIT)) {
            session.mount(devices).await();
            warmUpAndPark(session, "template");
        }
    }

    @Override
    public void warmUpAndPark(ByteChannel channel) throws IOException {
        try (GuestSession session = GuestSession.open(channel, LIMIT)) {
            warmUpAndPark(session, "spare");
        }
    }

    private static void warmUpAndPark(GuestSession session, String name) throws IOException {
        session.identify(name, Optional.empty(), true).await();
        for (int i = 0; i < WARM_UP.size(); i++) {
            warmUp(session, name + "-" + i, WARM_UP.get(i));
        }
        session.health(LIMIT);
        session.park(LIMIT);
    }

    /** An image may lack the program, or have another by its name: how it ends is of no interest. */
    private static void warmUp(GuestSession session, String execId, List<String> command) throws IOException {
        try {
            GuestProcess process = session.start(ProcessSpec.of(execId, command, Map.of("PATH", ProcessSpec.PATH)))
                    .await();
            process.stdout().transferTo(OutputStream.nullOutputStream());
            process.stderr().transferTo(OutputStream.nullOutputStream());
            process.exit().join();
        } catch (GuestException refusal) {
            if (refusal.reason() != GuestException.Reason.COMMAND_NOT_FOUND
                    && refusal.reason() != GuestException.Reason.NOT_EXECUTABLE) {
                throw refusal;
            }
        } catch (CompletionException e) {
            throw new IOException("the guest cannot run " + String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }
}
