package dev.aegisvm.gateway.policy;

import module java.base;

/**
 * What one instance may reach. It never changes: who allows something makes another one. Any rule that denies a
 * destination refuses it; else one that allows it lets it pass; else the mode decides.
 */
public record Policy(Mode mode, List<Rule> allow, List<Rule> deny, Nearby nearby) {
    private static final String ALLOW = "allow it with --allow ";
    /** For what leads to this host, or answers in its name: where a model asks, a person has to allow that. */
    private static final String OPEN = "open it with --allow ";

    public Policy {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /** Before a name is resolved, and after that again for each address that it leads to. */
    public Verdict decide(Destination destination) {
        Optional<Rule> denying = denying(destination);
        if (denying.isPresent()) {
            String word = denying.get().word();
            String preset =
                    denying.get().matches().isEmpty() ? ", a preset without hosts, which denies everything" : "";
            return Verdict.refused(
                    Verdict.DENY + word,
                    destination.text() + " is refused by the rule --deny " + word + preset + "; --allow " + word
                            + " replaces that rule");
        }
        if (mode == Mode.NONE) {
            return Verdict.refused(
                    mode.word(),
                    "this instance has no network; to change that, stop it, and start it with --network allow");
        }
        return switch (destination) {
            case Destination.Named(String name, int port) -> named(name, port);
            case Destination.Numeric numeric -> numeric(numeric);
            case Destination.Resolved resolved -> resolved(resolved);
            case Destination.Sibling _, Destination.TheHost _ -> byRuleAlone(destination);
        };
    }

    /** The rule that denies it, in whichever form an address is written. */
    public Optional<Rule> denying(Destination destination) {
        Destination plain = destination
                .real()
                .<Destination>map(address -> new Destination.Numeric(Nearby.plain(address), destination.port()))
                .orElse(destination);
        return deny.stream()
                .filter(rule -> rule.denies(destination) || rule.denies(plain))
                .findFirst();
    }

    /** Whether a rule denies a host by its name. */
    public boolean deniesNames() {
        return deny.stream()
                .anyMatch(rule ->
                        rule.matches().isEmpty() || rule.matches().stream().anyMatch(Rule.Host.class::isInstance));
    }

    private Verdict named(String name, int port) {
        Destination named = new Destination.Named(name, port);
        Optional<Rule> rule = allowing(_ -> true, named);
        if (rule.isPresent()) {
            return Verdict.allowed(rule.get().word(), true);
        }
        return mode == Mode.ALLOW ? notInPolicy(named) : Verdict.allowed(mode.word(), false);
    }

    private Verdict numeric(Destination.Numeric destination) {
        Optional<Nearby.Kind> kind = mode == Mode.OPEN ? Optional.empty() : nearby.kind(destination.address());
        Optional<Rule> rule = allowing(match -> kind.isEmpty() || kind.get().isOpenedBy(match), destination);
        if (rule.isPresent()) {
            return Verdict.allowed(rule.get().word(), false);
        }
        Optional<Rule> wide = allowing(_ -> true, destination);
        if (mode == Mode.ALLOW && wide.isEmpty()) {
            return notInPolicy(destination);
        }
        if (kind.isEmpty()) {
            return Verdict.allowed(mode.word(), false);
        }
        return Verdict.refused(
                mode.word(),
                Addresses.text(destination.address()) + " is " + kind.get().words()
                        + wide.map(Policy::notBy).orElse(", which --network public does not allow") + "; "
                        + (kind.get().exact() ? OPEN : ALLOW) + destination.text());
    }

    private static String notBy(Rule wide) {
        return ", which the rule " + wide.word() + " does not allow";
    }

    /** A name that someone points to a near address does not open that: the address needs a rule of its own. */
    private Verdict resolved(Destination.Resolved destination) {
        Verdict named = named(destination.name(), destination.port());
        if (!named.allowed() || mode == Mode.OPEN) {
            return named;
        }
        Optional<Nearby.Kind> kind = nearby.kind(destination.address());
        if (kind.isEmpty() || allowing(kind.get()::isOpenedBy, destination).isPresent()) {
            return named;
        }
        return Verdict.refused(
                named.rule(),
                destination.name() + " resolves to " + Addresses.text(destination.address()) + ", "
                        + kind.get().words()
                        + allowing(Rule.Range.class::isInstance, destination)
                                .map(Policy::notBy)
                                .orElse("")
                        + (kind.get().exact() ? "; also open that with --allow " : "; also allow that with --allow ")
                        + Addresses.text(destination.address(), destination.port()));
    }

    private Verdict byRuleAlone(Destination destination) {
        return allowing(_ -> true, destination)
                .map(rule -> Verdict.allowed(rule.word(), false))
                .orElseGet(() -> notInPolicy(destination));
    }

    private Optional<Rule> allowing(Predicate<Rule.Match> counting, Destination destination) {
        return allow.stream().filter(rule -> rule.allows(counting, destination)).findFirst();
    }

    /** Names a host without its port, unless rules name others of its ports. */
    private Verdict notInPolicy(Destination destination) {
        String word = destination
                .host()
                .filter(name -> allowing(_ -> true, new Destination.Named(name, Destination.SOME_PORT))
                        .isEmpty())
                .orElse(destination.text());
        String sibling = word.matches("[\\w-]+") ? "; the instance " + word + " is called " + word + ".aegis" : "";
        boolean near = destination instanceof Destination.Numeric numeric
                && nearby.kind(numeric.address()).filter(Nearby.Kind::exact).isPresent();
        return Verdict.refused(mode.word(), word + " is not in the policy; " + (near ? OPEN : ALLOW) + word + sibling);
    }
}
