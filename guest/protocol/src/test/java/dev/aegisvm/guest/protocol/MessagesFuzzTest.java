package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The JSON that a guest sends: of every kind of message, whatever it claims to be. */
public final class MessagesFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("guest-messages", MessagesFuzzTest::take);
    private static final List<Class<? extends FromGuest>> KINDS = List.of(
            FromGuest.Done.class,
            FromGuest.Health.class,
            FromGuest.Identified.class,
            FromGuest.Started.class,
            FromGuest.FileFacts.class,
            FromGuest.Exited.class,
            FromGuest.Ready.class,
            FromGuest.Dial.class,
            FromGuest.Resolve.class);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        try {
            Messages.Envelope envelope = Messages.envelope(input);
            KINDS.forEach(kind -> read(envelope.params(), kind));
            KINDS.forEach(kind -> read(envelope.result(), kind));
            if (envelope.error() != null) {
                assertThat(envelope.error().exception("exec").getMessage()).doesNotContain("\u001b", "\n");
            }
        } catch (ProtocolViolation refused) {
            assertThat(refused).hasMessageContaining("a control message");
        }
    }

    private static void read(@Nullable String json, Class<? extends FromGuest> kind) {
        try {
            assertThat(Messages.read(json, kind)).isInstanceOf(kind);
        } catch (ProtocolViolation refused) {
            assertThat(refused).hasMessageContaining("a control message");
        }
    }
}
