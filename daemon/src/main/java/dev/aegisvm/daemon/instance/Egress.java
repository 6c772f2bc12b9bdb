package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.gateway.policy.*;
import io.avaje.jsonb.Json;

/**
 * What the guest of an instance may reach. {@link EgressCheck} makes it of what clients ask for.
 *
 * @param allow what passes beside what the mode lets pass, and who may connect to it
 * @param deny what does not pass, whatever allows it
 * @param rate bytes a second that its connections move each way; empty: without a limit
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Egress(Mode mode, List<Rule> allow, List<Rule> deny, Optional<Long> rate) {
    public static final Egress OPEN = of(Mode.OPEN, Optional.empty());
    public static final Egress NONE = of(Mode.NONE, Optional.empty());

    public Egress {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    public static Egress of(Mode mode, Optional<Long> rate) {
        return new Egress(mode, List.of(), List.of(), rate);
    }

    /** The same without rules, or with a mode that lets less pass; {@code word} may be no mode. */
    public Egress within(String word) {
        Optional<Mode> stricter = Stream.of(Mode.values())
                .filter(each -> each.compareTo(mode) < 0 && each.word().equals(word))
                .findFirst();
        return of(stricter.orElse(mode), rate);
    }

    Egress withRate(Optional<Long> other) {
        return new Egress(mode, allow, deny, other);
    }

    /** With further rules that allow something; they come first. */
    Egress with(List<Rule> allowed) {
        return new Egress(mode, Stream.concat(allowed.stream(), allow.stream()).toList(), deny, rate);
    }

    /** Whether its guest has a network of its own, which follows no rules. */
    public boolean isOpen() {
        return mode == Mode.OPEN;
    }

    /** What a rule says of connections from an instance with these names to any port of this one; empty: nothing. */
    public Optional<Boolean> accepts(Collection<String> caller) {
        if (deny.stream().anyMatch(rule -> rule.isFrom(caller))) {
            return Optional.of(false);
        }
        return allow.stream().anyMatch(rule -> rule.isFrom(caller)) ? Optional.of(true) : Optional.empty();
    }

    /** Whether it names instances that may connect to this one. */
    boolean acceptsSome() {
        return allow.stream().anyMatch(Rule::isInward);
    }

    public String word() {
        return mode.word();
    }

    public List<String> allowed() {
        return allow.stream().map(Rule::word).toList();
    }

    public List<String> denied() {
        return deny.stream().map(Rule::word).toList();
    }
}
