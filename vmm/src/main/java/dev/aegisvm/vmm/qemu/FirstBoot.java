package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.vmm.GuestPreparer;

/** A boot of the guest kernel that nobody knows to work yet. With KVM it may show that this host cannot run guests. */
final class FirstBoot {
    /** The longest that a guest kernel may take to the first answer of the harness. */
    private static final Duration EMULATED_LIMIT = Duration.ofMinutes(2);

    /** The same with KVM, where a guest that stands still is ended before. The host may be emulated itself. */
    private static final Duration KVM_LIMIT = Duration.ofMinutes(1);

    /** The guest kernel did not come up. */
    static final class NotBooted extends IOException {
        NotBooted(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private FirstBoot() {}

    /** Waits for the harness's first answer, with KVM as long as the guest gets on, and parks it. On failure QEMU is killed. */
    static void await(QemuProcess qemu, QmpClient monitor, Accelerator accelerator, GuestPreparer preparer)
            throws NotBooted {
        Duration limit = accelerator.emulated() ? EMULATED_LIMIT : KVM_LIMIT;
        Optional<BootWatch> watch =
                accelerator.emulated() ? Optional.empty() : Optional.of(BootWatch.of(qemu, monitor));
        try {
            qemu.within(limit, () -> preparer.park(qemu.channel(), limit));
        } catch (IOException e) {
            String stillness = watch.map(BootWatch::verdict).orElse("");
            throw new NotBooted((stillness.isEmpty() ? e.getMessage() : stillness) + lastWords(qemu), e);
        } finally {
            watch.ifPresent(BootWatch::close);
        }
    }

    /** Kills QEMU; what the guest kernel printed last, as the end of a sentence. */
    static String lastWords(QemuProcess qemu) {
        var ended = qemu.kill();
        String words = (ended.console() + " " + ended.diagnostics()).strip();
        return words.isEmpty() ? "" : "; the last it printed: " + words.substring(Math.max(0, words.length() - 500));
    }
}
