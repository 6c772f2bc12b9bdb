package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;
import dev.aegisvm.gateway.policy.Destination;
import java.lang.System.Logger.Level;

/**
 * The secrets that one instance uses and does not have, and the values that they stand for: as they are now, and all
 * that they were since it started. What a server got on one connection it may send back on another. For all threads.
 *
 * @param source gives the value of a secret, as it is now
 * @param learned is told of values that are to be hidden in logs
 * @param known the names of secrets, by their values, of which each character is a byte
 */
public record Placeholders(
        List<BoundSecret> bound, Source source, Consumer<Set<String>> learned, Map<String, String> known) {
    private static final System.Logger LOG = System.getLogger(Placeholders.class.getName());
    /** So much of what a client sends is looked at where it is passed on as it is. */
    private static final int LOOKED_AT = 16_384;

    private static final int LENGTH = BoundSecret.newPlaceholder().length();
    /** So much of a value is looked for in answers. */
    private static final int LONGEST = 4096;

    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");

    public interface Source {
        String of(String name) throws Refusal;
    }

    public Placeholders(List<BoundSecret> bound, Source source, Consumer<Set<String>> learned) {
        this(List.copyOf(bound), source, learned, new ConcurrentHashMap<>());
    }

    /** Each character is a byte. */
    private String value(String name) throws Refusal {
        String value = source.of(name);
        String bytes = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (known.putIfAbsent(bytes.substring(0, Math.min(LONGEST, bytes.length())), name) == null) {
            learned.accept(Set.of(value));
        }
        return bytes;
    }

    /** Knows their values from now on, but for one that cannot be read: the request that needs it will say so. */
    public void learn() {
        for (BoundSecret secret : bound) {
            try {
                var _ = value(secret.name());
            } catch (Refusal unreadable) {
                LOG.log(Level.DEBUG, unreadable.sentence());
            }
        }
    }

    /** Whether a connection to there is intercepted. */
    public boolean goTo(Destination destination) {
        return bound.stream().anyMatch(secret -> secret.goesTo(destination));
    }

    /** The text of a header with values in place of the placeholders. Throws for one that does not go there. */
    String filled(String text, Destination destination) throws Refusal {
        Matcher found = BoundSecret.PLACEHOLDER.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (found.find()) {
            BoundSecret secret = secret(found.group(), destination);
            if (!secret.goesTo(destination)) {
                throw misdirected(secret, destination);
            }
            String value = value(secret.name());
            if (CONTROL.matcher(value).find()) {
                throw new Refusal("the value of the secret " + secret.name()
                        + " contains a line break or another control character, which a header cannot have; set it"
                        + " again without it");
            }
            found.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return found.appendTail(filled).toString();
    }

    private BoundSecret secret(String placeholder, Destination destination) throws Refusal {
        return bound.stream()
                .filter(secret -> secret.placeholders().contains(placeholder))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        "the placeholder of a secret that this instance does not have was sent to " + destination.text()
                                + "; use the placeholder in this instance's own environment variable"));
    }

    private static Refusal misdirected(BoundSecret secret, Destination destination) {
        return new Refusal("the placeholder of the secret " + secret.name() + " was sent to " + destination.text()
                + ", but that secret is only for " + secret.hostWords()
                + "; bind it to another host with --secret "
                + secret.name() + "@HOST,HOST");
    }

    /** Throws when there is a placeholder of this instance in a text at a place, such as "in a URL". */
    void refuseIn(String text, Destination destination, String place) throws Refusal {
        for (BoundSecret secret : bound) {
            if (secret.isIn(text)) {
                throw secret.goesTo(destination)
                        ? new Refusal("the placeholder of the secret " + secret.name() + " was sent to "
                                + destination.text() + " " + place
                                + "; secrets go only into HTTPS headers")
                        : misdirected(secret, destination);
            }
        }
    }

    /**
     * Looks for placeholders at the beginning of what is passed on as it is. That of a secret which goes there may
     * pass: an agent tells its model what it has seen.
     */
    public Watch watch(Destination destination) {
        return new Watch(
                bound.stream().filter(secret -> !secret.goesTo(destination)).toList(), destination);
    }

    /** For one thread. */
    public static final class Watch {
        private final List<BoundSecret> elsewhere;
        private final Destination destination;
        private int left;
        private String tail = "";

        private Watch(List<BoundSecret> elsewhere, Destination destination) {
            this.elsewhere = elsewhere;
            this.destination = destination;
            this.left = elsewhere.isEmpty() ? 0 : LOOKED_AT;
        }

        /** Looks at bytes, and leaves them where they are; throws when a placeholder in them goes elsewhere. */
        public void look(ByteBuffer bytes) throws Refusal {
            if (left > 0) {
                String text = tail + StandardCharsets.ISO_8859_1.decode(bytes.duplicate());
                for (BoundSecret secret : elsewhere) {
                    if (secret.isIn(text)) {
                        throw misdirected(secret, destination);
                    }
                }
                left -= bytes.remaining();
                tail = text.substring(Math.max(0, text.length() - LENGTH + 1));
            }
        }
    }
}
