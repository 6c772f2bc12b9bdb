package dev.aegisvm.daemon.idle;

import module java.base;

/** The latest samples of one guest, as many as it takes to tell its load over a time. For one thread at a time. */
public final class UsageWindow {
    private final Duration time;
    private final List<Sample> samples = new ArrayList<>();

    public UsageWindow(Duration time) {
        this.time = time;
    }

    /** Takes the next sample, which is later than all before. */
    public void add(Sample sample) {
        samples.add(sample);
        while (samples.size() > 1 && sample.at() - samples.get(1).at() >= time.toNanos()) {
            samples.removeFirst();
        }
    }

    /** Forgets all, as after a pause, when the guest's time stood still. */
    public void clear() {
        samples.clear();
    }

    /** {@link System#nanoTime} when the samples will cover the time; empty before the first of them. */
    public Optional<Long> coversAt() {
        return samples.isEmpty()
                ? Optional.empty()
                : Optional.of(samples.getFirst().at() + time.toNanos());
    }

    /** The load over that time or a little longer; empty when there is no sample that is old enough. */
    public Optional<Load> load() {
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        Duration over = Duration.ofNanos(last.at() - first.at());
        if (over.compareTo(time) < 0) {
            return Optional.empty();
        }
        return Optional.of(new Load(over, last.cpu().minus(first.cpu()), last.netBytes() - first.netBytes()));
    }

    /** What a guest had used since its boot at some {@link System#nanoTime}: CPU, and bytes received and sent. */
    public record Sample(long at, Duration cpu, long netBytes) {}

    /** What a guest used over some time: CPU of all its processes, bytes received and sent. */
    public record Load(Duration over, Duration cpu, long netBytes) {
        private static final double PERCENT = 100.0;

        /** Of one vCPU. */
        double cpuPercent() {
            return PERCENT * cpu.toNanos() / Math.max(1, over.toNanos());
        }
    }
}
