package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.gateway.intercept.BoundSecret;
import dev.aegisvm.gateway.policy.*;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of an instance.
 *
 * @param given names of those that each boot gives to its processes; {@code "*"} is all
 * @param bound those that its processes use and do not have; {@value #MOST} at most
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record InstanceSecrets(List<String> given, List<BoundSecret> bound) {
    public static final InstanceSecrets NONE = new InstanceSecrets(List.of(), List.of());
    private static final int MOST = 32;

    public InstanceSecrets {
        given = List.copyOf(given);
        bound = List.copyOf(bound);
    }

    /** What a request asks for, or these. A secret that was bound before keeps its placeholder. */
    public InstanceSecrets asked(@Nullable List<String> words) {
        if (words == null) {
            return this;
        }
        List<String> plain =
                words.stream().filter(word -> !BoundSecret.isOne(word)).toList();
        List<BoundSecret> wanted =
                words.stream().filter(BoundSecret::isOne).map(this::bind).toList();
        return new InstanceSecrets(plain, wanted).checked();
    }

    private BoundSecret bind(String word) {
        // Checks the name.
        String name = new SecretName(word.substring(0, word.indexOf('@'))).value();
        List<String> placeholders = bound.stream()
                .filter(had -> had.name().equals(name))
                .map(BoundSecret::placeholders)
                .findFirst()
                .orElseGet(() -> List.of(BoundSecret.newPlaceholder()));
        try {
            return BoundSecret.parse(word, placeholders);
        } catch (PolicyException mistake) {
            throw ErrorCode.BAD_REQUEST.refusal(String.valueOf(mistake.getMessage()), mistake);
        }
    }

    private InstanceSecrets checked() {
        Set<String> names = new HashSet<>();
        for (BoundSecret secret : bound) {
            String name = secret.name();
            if (!names.add(name)) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "the secret '" + name + "' is bound twice",
                        "give all its hosts at once: " + name + "@HOST,HOST");
            }
            if (given.contains(name) || given.contains(SecretName.ALL)) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "the secret '" + name + "' is bound to hosts and cannot also be given to the instance",
                        "list the other secrets one by one instead of all");
            }
        }
        if (bound.size() > MOST) {
            throw ErrorCode.BAD_REQUEST.refusal("an instance has at most " + MOST + " secrets that are bound to hosts");
        }
        return this;
    }

    /** Refuses secrets that are bound to hosts where the gateway does not stand between. */
    public void check(Egress network) {
        if (!bound.isEmpty() && (network.isOpen() || network.mode() == Mode.NONE)) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a secret that is bound to a host needs the gateway, which the network '" + network.word()
                            + "' does not have",
                    "use --network public or allow");
        }
    }

    /** As {@link #asked} takes them. */
    public List<String> words() {
        return Stream.concat(given.stream(), bound.stream().map(BoundSecret::word))
                .toList();
    }

    public List<String> boundNames() {
        return bound.stream().map(BoundSecret::name).toList();
    }

    public InstanceSecrets forked() {
        return new InstanceSecrets(
                given, bound.stream().map(BoundSecret::forked).toList());
    }

    /** What allows the hosts that secrets are bound to. */
    List<Rule> rules() {
        return bound.stream().map(BoundSecret::rule).toList();
    }
}
