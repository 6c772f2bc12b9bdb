package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.NetworkViews.ChangeNetwork;
import dev.aegisvm.gateway.policy.*;
import org.jspecify.annotations.Nullable;

/**
 * What the guest of an instance may reach.
 *
 * @param allow what passes beside what the mode lets pass, and who may connect to it; {@value #MOST} at most
 * @param deny what does not pass, whatever allows it; as many at most
 */
public record Egress(Mode mode, List<Rule> allow, List<Rule> deny) {
    public static final Egress OPEN = of(Mode.OPEN);
    private static final int MOST = 256;

    public Egress {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /** One without rules. */
    public static Egress of(Mode mode) {
        return new Egress(mode, List.of(), List.of());
    }

    /**
     * One in the words that it is stored in.
     *
     * @throws IllegalArgumentException when they are none
     */
    public static Egress of(String mode, List<String> allow, List<String> deny) {
        try {
            return new Egress(Mode.parse(mode), RuleParser.parse(allow), RuleParser.parse(deny));
        } catch (PolicyException nonsense) {
            throw new IllegalArgumentException(nonsense);
        }
    }

    /**
     * What a request asks for; this where it says nothing. Whoever allows something, and says no more, means that alone. Who may
     * connect to it is a matter of its own.
     *
     * @throws dev.aegisvm.api.ApiException when it makes no sense; the message says what to write
     */
    public Egress asked(@Nullable String network, List<String> allowed, List<String> denied) {
        try {
            List<Rule> more = RuleParser.parse(allowed);
            boolean silent = more.stream().allMatch(Rule::isInward);
            Mode wanted = network != null ? Mode.parse(network) : silent ? mode : Mode.ALLOW;
            boolean open = wanted == Mode.OPEN;
            return new Egress(
                            wanted,
                            open ? more : replaced(allow, more),
                            open ? RuleParser.parse(denied) : replaced(deny, RuleParser.parse(denied)))
                    .checked();
        } catch (PolicyException mistake) {
            throw ErrorCode.BAD_REQUEST.refusal(String.valueOf(mistake.getMessage()), mistake);
        }
    }

    /** The rules of one direction replace those of the same. */
    private static List<Rule> replaced(List<Rule> had, List<Rule> by) {
        Set<Boolean> given = by.stream().map(Rule::isInward).collect(Collectors.toSet());
        return Stream.concat(had.stream().filter(rule -> !given.contains(rule.isInward())), by.stream())
                .toList();
    }

    /**
     * With other rules. One that is to allow no longer denies, and the other way round.
     *
     * @throws dev.aegisvm.api.ApiException as {@link #asked}
     */
    public Egress changed(ChangeNetwork change) {
        try {
            List<Rule> allowed = RuleParser.parse(change.allow());
            List<Rule> denied = RuleParser.parse(change.deny());
            List<Rule> removed = RuleParser.parse(change.remove());
            return new Egress(mode, joined(allow, allowed, denied, removed), joined(deny, denied, allowed, removed))
                    .checked();
        } catch (PolicyException mistake) {
            throw ErrorCode.BAD_REQUEST.refusal(String.valueOf(mistake.getMessage()), mistake);
        }
    }

    private static List<Rule> joined(List<Rule> had, List<Rule> more, List<Rule> opposite, List<Rule> removed) {
        return Stream.concat(had.stream(), more.stream())
                .distinct()
                .filter(rule -> !opposite.contains(rule) && !removed.contains(rule))
                .toList();
    }

    private Egress checked() throws PolicyException {
        if (allow.size() > MOST || deny.size() > MOST) {
            throw new PolicyException("an instance has at most " + MOST + " rules of a kind");
        }
        if (isOpen() && !(allow.isEmpty() && deny.isEmpty())) {
            throw new PolicyException("the network 'open' follows no rules: ask for public, or leave the rules out");
        }
        var _ = policy(new Nearby(Set::of));
        return this;
    }

    /** With further rules that allow something; they come first. */
    Egress with(List<Rule> allowed) {
        return new Egress(mode, Stream.concat(allowed.stream(), allow.stream()).toList(), deny);
    }

    /** Whether its guest has a network of its own, which follows no rules. */
    public boolean isOpen() {
        return mode == Mode.OPEN;
    }

    /** What decides by it. */
    public Policy policy(Nearby nearby) throws PolicyException {
        return new Policy(mode, allow, deny, nearby);
    }

    /**
     * What a rule says about connections of another instance to any port of this one; empty: nothing.
     *
     * @param caller its names
     */
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

    /** The mode, as users write it. */
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
