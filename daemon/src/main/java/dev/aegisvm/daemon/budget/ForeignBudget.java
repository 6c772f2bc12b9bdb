package dev.aegisvm.daemon.budget;

import module java.base;
import dev.aegisvm.guest.protocol.Memory;

/**
 * What guests and clients may make the daemon hold: heap and descriptors. Each instance has a share. Three eighths of
 * all are reserved: the least of a share is always there for it. Of the rest, a share may have as much as it leaves to
 * all others: one that is greedy gets half, two get a third each, and what is refused is refused to them. For all
 * threads.
 */
public final class ForeignBudget {
    /** What a share can always have; if the reserve is too small for all shares, an equal part of it. */
    public static final Cost LEAST = new Cost(5 << 20, 32);

    /** A share may grow for speed as long as it could hold four times as much. */
    private static final int PLENTY = 4;

    private static final long WITHOUT_LIMIT = 1 << 20;

    private final Cost all;
    private final Set<Share> holding = new HashSet<>();

    /** Bytes of the heap, and descriptors; a part of them, or how many there are. */
    public record Cost(long bytes, long files) {
        public static final Cost NONE = new Cost(0, 0);

        public Cost plus(Cost other) {
            return new Cost(bytes + other.bytes, files + other.files);
        }

        private Cost minus(Cost other) {
            return new Cost(bytes - other.bytes, files - other.files);
        }
    }

    public ForeignBudget(Cost all) {
        this.all = all;
    }

    /**
     * That of a daemon: five eighths of its heap, and a quarter of its descriptors; clients of ports have another half
     * of these.
     */
    public static ForeignBudget of(long heap, OptionalLong openFiles) {
        return new ForeignBudget(new Cost(heap / 8 * 5, openFiles.orElse(WITHOUT_LIMIT) / 4));
    }

    public Cost all() {
        return all;
    }

    public synchronized Cost used() {
        return holding.stream().map(share -> share.held).reduce(Cost.NONE, Cost::plus);
    }

    public Share share() {
        return new Share();
    }

    /** @param wanted what it would hold then, or more than that; what it has of a kind already is not in question */
    private boolean fits(Share share, Cost wanted) {
        return fits(share, wanted, Cost::bytes) && fits(share, wanted, Cost::files);
    }

    private boolean fits(Share share, Cost wanted, ToLongFunction<Cost> kind) {
        long reserved = kind.applyAsLong(all) * 3 / 8;
        int shares = holding.size() + (holding.contains(share) ? 0 : 1);
        long least = Math.min(kind.applyAsLong(LEAST), reserved / shares);
        long beyond = kind.applyAsLong(wanted) - least;
        if (beyond <= 0 || kind.applyAsLong(wanted) == kind.applyAsLong(share.held)) {
            return true;
        }
        long others = holding.stream()
                .filter(other -> other != share)
                .mapToLong(other -> Math.max(0, kind.applyAsLong(other.held) - least))
                .sum();
        return beyond <= kind.applyAsLong(all) - reserved - others - beyond;
    }

    /** What a share has taken, for as long as it is open. */
    public static final class Hold implements AutoCloseable {
        private final Share share;
        private Cost cost;
        private boolean closed;

        private Hold(Share share, Cost cost) {
            this.share = share;
            this.cost = cost;
        }

        /** Takes this much more; false when it is beyond the share's part, or closed. */
        public synchronized boolean take(Cost more) {
            return add(!closed && share.take(more), more);
        }

        /** The same for bytes that its owner can do without. */
        public synchronized boolean grow(long bytes) {
            return add(!closed && share.grow(bytes), new Cost(bytes, 0));
        }

        private boolean add(boolean taken, Cost more) {
            cost = taken ? cost.plus(more) : cost;
            return taken;
        }

        @Override
        public synchronized void close() {
            closed = true;
            share.give(cost);
            cost = Cost.NONE;
        }
    }

    /** What one instance holds, or the clients of the API. */
    public final class Share implements Memory {
        private Cost held = Cost.NONE;

        private Share() {}

        public Cost held() {
            synchronized (ForeignBudget.this) {
                return held;
            }
        }

        /** Takes this much, to be given back; false when it is beyond the share's part. */
        public boolean take(Cost cost) {
            synchronized (ForeignBudget.this) {
                return fits(this, held.plus(cost)) && set(held.plus(cost));
            }
        }

        public Hold hold() {
            return new Hold(this, Cost.NONE);
        }

        /** Takes this much until it is closed; absent when it is beyond the share's part. */
        public Optional<Hold> hold(Cost cost) {
            return hold(cost, Duration.ZERO);
        }

        /** The same, for what may become free within that time. */
        public Optional<Hold> hold(Cost cost, Duration patience) {
            return take(cost, patience) ? Optional.of(new Hold(this, cost)) : Optional.empty();
        }

        public void give(Cost cost) {
            synchronized (ForeignBudget.this) {
                var _ = set(held.minus(cost));
                ForeignBudget.this.notifyAll();
            }
        }

        private boolean set(Cost now) {
            if (now.bytes < 0 || now.files < 0) {
                throw new IllegalStateException("more memory was released than was reserved: " + now);
            }
            held = now;
            var _ = held.equals(Cost.NONE) ? holding.remove(this) : holding.add(this);
            return true;
        }

        @Override
        public boolean take(long bytes, Duration patience) {
            return take(new Cost(bytes, 0), patience);
        }

        private boolean take(Cost cost, Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            synchronized (ForeignBudget.this) {
                while (!take(cost)) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return false;
                    }
                    try {
                        TimeUnit.NANOSECONDS.timedWait(ForeignBudget.this, left);
                    } catch (InterruptedException stop) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                }
                return true;
            }
        }

        @Override
        public boolean grow(long bytes) {
            synchronized (ForeignBudget.this) {
                Cost grown = held.plus(new Cost(bytes, 0));
                return fits(this, new Cost(PLENTY * grown.bytes, grown.files)) && set(grown);
            }
        }

        @Override
        public void give(long bytes) {
            give(new Cost(bytes, 0));
        }
    }
}
