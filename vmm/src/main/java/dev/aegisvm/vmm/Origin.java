package dev.aegisvm.vmm;

import module java.base;

/**
 * How a VM came to be.
 *
 * @param fallbackReason why it did not start the fastest way, in one sentence; empty when it did
 * @param started is to be run when the start is over: what makes later ones faster takes no processor from this one
 * @param distrust is told, with a reason, that the guest did not come up right: what it came from, if any, is deleted
 */
public record Origin(Mode mode, Optional<String> fallbackReason, Runnable started, Consumer<String> distrust) {
    /** Whether the guest has its root file system already; what was saved before that, or booted now, has not. */
    public boolean rootMounted() {
        return mode != Mode.TEMPLATE_BARE && mode != Mode.COLD;
    }

    /** The ways a VM can start, fastest first. */
    public enum Mode {
        /** A machine that was restored in advance, and has run a few processes already. */
        SPARE,
        /** Restored from a saved machine whose root file system was mounted. */
        TEMPLATE,
        /** Restored from a saved machine that had not touched any disk yet. */
        TEMPLATE_BARE,
        /** Restored from the snapshot that was asked for. */
        SNAPSHOT,
        COLD;

        /** The name in logs and in the API, such as {@code template-bare}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
