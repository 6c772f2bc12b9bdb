package dev.aegisvm.vmm;

import module java.base;

/**
 * How a VM came to be.
 *
 * @param fallbackReason why it did not start the fastest way, in one sentence; empty when it did
 * @param onStarted does what makes later starts faster
 * @param onDistrust throws away what it was restored from; is given the reason
 */
public record Origin(
        Mode mode,
        boolean rootMounted,
        Optional<String> fallbackReason,
        Map<String, Duration> stages,
        Runnable onStarted,
        Consumer<String> onDistrust) {
    public Origin {
        stages = Collections.unmodifiableMap(new LinkedHashMap<>(stages));
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

    public static Origin cold(String fallbackReason, Map<String, Duration> stages, Runnable onStarted) {
        return new Origin(Mode.COLD, false, Optional.of(fallbackReason), stages, onStarted, _ -> {});
    }

    /** Says that the start is over, so that work for later ones takes no processor from this one. */
    public void started() {
        onStarted.run();
    }

    /**
     * Says that the guest did not come up right from what it was restored from: that is thrown away, and the next start
     * takes another way. Does nothing where nothing was restored.
     */
    public void distrust(String reason) {
        onDistrust.accept(reason);
    }
}
