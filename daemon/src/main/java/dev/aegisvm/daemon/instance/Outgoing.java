package dev.aegisvm.daemon.instance;

import module java.base;

/** The connections that the guest of one boot opens. For all threads. */
public interface Outgoing {
    /** Of a guest that opens none through us. */
    Outgoing NONE = new Outgoing() {};

    /** How many are open now. */
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

    /** Ends those that the instance's rules of now refuse. */
    default void endRefused() {}

    /** What was refused, or failed for want of a name, as sentences; the latest few are kept. */
    final class Refusals {
        private static final int KEPT = 8;
        private static final String REFUSED = "refused: ";

        /** Each sentence, with how many refusals there had been when it was said last; the oldest first. */
        private final SequencedMap<String, Long> latest = new LinkedHashMap<>();

        private long count;

        public void add(String sentence) {
            failed(REFUSED + sentence);
        }

        /** Something that no rule refused. */
        public synchronized void failed(String sentence) {
            count++;
            latest.putLast(sentence, count);
            if (latest.size() > KEPT) {
                latest.pollFirstEntry();
            }
        }

        /** How many there were so far. */
        public synchronized long count() {
            return count;
        }

        /** What was refused, each once. */
        public List<String> refused() {
            return since(0).stream()
                    .filter(line -> line.startsWith(REFUSED))
                    .map(line -> line.substring(REFUSED.length()))
                    .toList();
        }

        /** As lines for a client, those that came after so many others, each once. */
        public synchronized List<String> since(long earlier) {
            return latest.entrySet().stream()
                    .filter(refusal -> refusal.getValue() > earlier)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }
}
