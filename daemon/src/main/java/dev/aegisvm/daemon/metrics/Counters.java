package dev.aegisvm.daemon.metrics;

import module java.base;

/**
 * What this daemon has done since its start, counted; for all threads. Labels are words of ours, from closed sets, and
 * never what a guest or a client chose, so that the number of series is bounded.
 */
public final class Counters {
    private final Map<Series, Amount> amounts = new ConcurrentHashMap<>();

    /** What is counted, and whether that takes time. */
    public enum Count {
        STARTS("aegis.start", "VMs started, and the time from the request to the main process", true),
        START_STAGES("aegis.start.stage", "Stages of these starts", true),
        FAILED_STARTS("aegis.start.failures", "Starts that failed", false),
        WAKES("aegis.wake", "Wakes, and the time from the request until the VM ran", true),
        EXECS("aegis.execs", "Processes that clients started in addition to the main ones", false),
        RELAYED_BYTES("aegis.relayed.bytes", "Bytes relayed through exposed ports", false),
        GATEWAY_BYTES("aegis.gateway.bytes", "Bytes of connections that guests opened through the gateway", false),
        GATEWAY("aegis.gateway.requests", "Connections and names that guests requested from the gateway", false),
        REFUSED("aegis.refused.requests", "Requests that the API refused", false);

        public final String title;
        public final String help;
        public final boolean timed;

        Count(String title, String help, boolean timed) {
            this.title = title;
            this.help = help;
            this.timed = timed;
        }
    }

    /** A count with certain labels: names and values in turn. */
    public record Series(Count count, List<String> labels) {}

    /** How often, or how much; and the nanoseconds that it took in all. */
    public record Amount(LongAdder number, LongAdder nanos) {}

    public void add(Count count, long number, String... labels) {
        of(count, labels).number().add(number);
    }

    public void time(Count count, long nanos, String... labels) {
        Amount amount = of(count, labels);
        amount.number().increment();
        amount.nanos().add(nanos);
    }

    private Amount of(Count count, String... labels) {
        return amounts.computeIfAbsent(
                new Series(count, List.of(labels)), first -> new Amount(new LongAdder(), new LongAdder()));
    }

    /** Nanoseconds as milliseconds, to the microsecond. */
    public static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    public void forEach(BiConsumer<Series, Amount> reader) {
        amounts.forEach(reader);
    }
}
