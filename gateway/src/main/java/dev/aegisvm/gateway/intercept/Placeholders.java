package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;
import dev.aegisvm.gateway.policy.Destination;
import java.lang.System.Logger.Level;

/** The secrets that one instance uses and does not have, and the values that they stand for. */
public record Placeholders(List<BoundSecret> bound, BoundValues values) {
    private static final System.Logger LOG = System.getLogger(Placeholders.class.getName());
    /** So much of what a client sends is looked at where it is passed on as it is. */
    private static final int LOOKED_AT = 16_384;

    private static final int LENGTH = BoundSecret.newPlaceholder().length();

    public Placeholders {
        bound = List.copyOf(bound);
    }

    /** Knows their values from now on, but for one that cannot be read: the request that needs it will say so. */
    public void learn() {
        for (BoundSecret secret : bound) {
            try {
                var _ = values.of(secret.name());
            } catch (Refusal unreadable) {
                LOG.log(Level.DEBUG, unreadable.sentence());
            }
        }
    }

    /** Whether a connection to there is intercepted. */
    public boolean goTo(Destination destination) {
        return bound.stream().anyMatch(secret -> secret.goesTo(destination));
    }

    /** Those that go somewhere else. */
    Placeholders elsewhere(Destination destination) {
        return new Placeholders(
                bound.stream().filter(secret -> !secret.goesTo(destination)).toList(), values);
    }

    /** The text with values in place of the placeholders. Throws for one that does not go there. */
    String filled(String text, Destination destination, BoundValues.Source values) throws Refusal {
        Matcher found = BoundSecret.PLACEHOLDER.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (found.find()) {
            BoundSecret secret = secret(found.group(), destination);
            if (!secret.goesTo(destination)) {
                throw misdirected(secret, destination);
            }
            found.appendReplacement(filled, Matcher.quoteReplacement(values.of(secret.name())));
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
            if (secret.placeholders().stream().anyMatch(text::contains)) {
                throw secret.goesTo(destination)
                        ? new Refusal("the placeholder of the secret " + secret.name() + " was sent to "
                                + destination.text() + " " + place
                                + "; secrets go only into HTTPS headers")
                        : misdirected(secret, destination);
            }
        }
    }

    /** Looks for placeholders at the beginning of what is passed on as it is; throws as {@link #refuseIn}. */
    public Watch watch(Destination destination, String place) {
        return new Watch(destination, place);
    }

    /** For one thread. */
    public final class Watch {
        private final Destination destination;
        private final String place;
        private int left = bound.isEmpty() ? 0 : LOOKED_AT;
        private String tail = "";

        private Watch(Destination destination, String place) {
            this.destination = destination;
            this.place = place;
        }

        /** Looks at bytes, and leaves them where they are. */
        public void look(ByteBuffer bytes) throws Refusal {
            if (left > 0) {
                String text = tail + StandardCharsets.ISO_8859_1.decode(bytes.duplicate());
                refuseIn(text, destination, place);
                left -= bytes.remaining();
                tail = text.substring(Math.max(0, text.length() - LENGTH + 1));
            }
        }
    }
}
