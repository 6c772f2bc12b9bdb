package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.gateway.policy.Destination;

/** The connections that the guest of one boot opens. For all threads. */
public interface Outgoing {
    /** Of a guest that opens none through us. */
    Outgoing NONE = new Outgoing() {};

    default int open() {
        return 0;
    }

    /** The names that it was given addresses for, in their order. */
    default List<String> names() {
        return List.of();
    }

    default Refusals refusals() {
        return new Refusals();
    }

    /** What was refused, and the rules of now still refuse, each once and with its time. */
    default List<String> refused() {
        return List.of();
    }

    /** Ends those that the instance's rules of now refuse. */
    default void endRefused() {}

    /** What was refused, or failed for want of a name, as sentences; the latest few are kept. */
    final class Refusals {
        private static final int KEPT = 8;
        private static final String REFUSED = "refused: ";

        /** When it was said last, how many there had been, and what the rules refused, if it was they. */
        private record Said(long number, Instant at, Optional<Destination> to) {}

        /** Of each sentence; the oldest first. */
        private final SequencedMap<String, Said> latest = new LinkedHashMap<>();

        private long count;

        /** Something that was refused: by the rules, where there is a destination. */
        public void add(String sentence, Optional<Destination> to) {
            put(REFUSED + sentence, to);
        }

        /** Something that no rule refused. */
        public void failed(String sentence) {
            put(sentence, Optional.empty());
        }

        private synchronized void put(String sentence, Optional<Destination> to) {
            count++;
            latest.putLast(sentence, new Said(count, Instant.now().truncatedTo(ChronoUnit.SECONDS), to));
            if (latest.size() > KEPT) {
                latest.pollFirstEntry();
            }
        }

        public synchronized long count() {
            return count;
        }

        /** What was refused, each once and with its time, but for what the rules allow by now. */
        public synchronized List<String> refused(Predicate<Destination> allowed) {
            return latest.entrySet().stream()
                    .filter(each -> each.getKey().startsWith(REFUSED))
                    .filter(each -> each.getValue().to().filter(allowed).isEmpty())
                    .map(each -> each.getValue().at() + " " + each.getKey().substring(REFUSED.length()))
                    .toList();
        }

        /** As lines for a client, those that came after so many others, each once. */
        public synchronized List<String> since(long earlier) {
            return latest.entrySet().stream()
                    .filter(refusal -> refusal.getValue().number() > earlier)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }
}
