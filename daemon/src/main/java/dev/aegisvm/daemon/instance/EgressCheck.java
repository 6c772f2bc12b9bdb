package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.ChangeNetwork;
import dev.aegisvm.gateway.limit.Rate;
import dev.aegisvm.gateway.policy.*;
import org.jspecify.annotations.Nullable;

/** Turns what a client asks for into what a guest may reach, or says what is wrong with it and what to write. */
public final class EgressCheck {
    private static final int MOST = 256;
    /** What users of other tools call this host; {@code host.docker.internal} works. */
    private static final Pattern NOT_THE_HOST =
            Pattern.compile("(?i)(?:localhost|localhost\\.localdomain|host|host\\.containers\\.internal)(?::(\\d+))?");

    private final Presets presets;
    private final Nearby nearby;

    public EgressCheck(Presets presets, Nearby nearby) {
        this.presets = presets;
        this.nearby = nearby;
    }

    /** The policy a request asks for, or the present one. Rules without a mode allow only what they name. */
    public Egress asked(CreateInstance request, Egress otherwise) {
        return checked(() -> {
            PolicyFile file = file(request.policy());
            Optional<Mode> given = request.network() == null ? file.mode() : Optional.of(Mode.parse(request.network()));
            PolicyFile all = new PolicyFile(
                    given,
                    joined(file.allow(), opening(Objects.requireNonNullElse(request.allow(), List.of())), List.of()),
                    joined(file.deny(), rules(Objects.requireNonNullElse(request.deny(), List.of())), List.of()));
            refuseHost(all.allow(), request.hostPorts());
            Egress kept = new Egress(
                    otherwise.mode(),
                    List.of().equals(request.allow()) ? List.of() : otherwise.allow(),
                    List.of().equals(request.deny()) ? List.of() : otherwise.deny(),
                    otherwise.rate());
            Egress egress = asked(all, request.policy() != null, kept);
            return request.networkRate() == null ? egress : egress.withRate(Rate.parse(request.networkRate()));
        });
    }

    /** @param ports of this host that the rules may open; null: all */
    private void refuseHost(List<Rule> allow, @Nullable List<Integer> ports) {
        for (Rule rule : presets.filled(allow)) {
            for (Rule.Match match : rule.matches()) {
                if (ports != null && nearby.isTheHost(match) && !ports.contains(match.port())) {
                    String port = match.port() == Destination.SOME_PORT ? "PORT" : "" + match.port();
                    throw ErrorCode.BAD_REQUEST.refusal(
                            "the rule " + rule.word() + " gives the guest access to this host, which a person has to"
                                    + " allow, port by port",
                            "ask the person to write mcp.allow_host_ports = [" + port + "] into config.toml");
                }
            }
        }
    }

    /** @param fresh whether nothing stays of the rules that there were */
    private static Egress asked(PolicyFile asked, boolean fresh, Egress otherwise) {
        boolean silent = asked.allow().stream().allMatch(Rule::isInward);
        Mode mode = asked.mode().orElse(silent ? otherwise.mode() : Mode.ALLOW);
        boolean keeps = !fresh && mode != Mode.OPEN;
        return new Egress(
                mode,
                keeps ? replaced(otherwise.allow(), asked.allow(), mode) : asked.allow(),
                keeps ? replaced(otherwise.deny(), asked.deny(), mode) : asked.deny(),
                mode == Mode.OPEN ? Optional.empty() : otherwise.rate());
    }

    /** The rules of one direction replace those of the same; who may connect to an instance is a matter of its own. */
    private static List<Rule> replaced(List<Rule> had, List<Rule> by, Mode mode) {
        Set<Boolean> given = by.stream().map(Rule::isInward).collect(Collectors.toSet());
        return Stream.concat(
                        had.stream()
                                .filter(rule -> !given.contains(rule.isInward()))
                                .filter(rule -> rule.isInward() || mode != Mode.NONE),
                        by.stream())
                .toList();
    }

    /** With other rules. One that is to allow no longer denies, and the other way round. */
    public Egress changed(ChangeNetwork change, Egress had) {
        return checked(() -> {
            Egress base = change.policy() == null ? had : asked(file(change.policy()), true, had);
            if (base.isOpen()) {
                throw new PolicyException(
                        "the network of an existing instance cannot be changed to 'open': stop it, and start it with"
                                + " --network open");
            }
            List<Rule> allowed = opening(change.allow());
            List<Rule> denied = rules(change.deny());
            List<Rule> removed = Rule.parse(change.remove());
            List<Rule> noLongerAllowed = joined(removed, denied, List.of());
            List<Rule> noLongerDenied = joined(removed, allowed, List.of());
            Egress changed = new Egress(
                    base.mode(),
                    joined(base.allow(), allowed, noLongerAllowed),
                    joined(base.deny(), denied, noLongerDenied),
                    base.rate());
            // A rule that no longer denies may have covered one that allows.
            boolean covered = changed.deny().containsAll(had.deny());
            Predicate<Rule> effective = rule -> !covered || !had.allow().contains(rule);
            refuseHost(changed.allow().stream().filter(effective).toList(), change.hostPorts());
            return changed;
        });
    }

    private PolicyFile file(@Nullable String policy) {
        if (policy == null) {
            return PolicyFile.NONE;
        }
        PolicyFile file = PolicyFile.parse("the policy", policy);
        presets.require(file.allow());
        presets.require(file.deny());
        return file;
    }

    /** Rules that are to let something pass: refuses names of this host that lead nowhere from a guest. */
    private List<Rule> opening(List<String> words) {
        for (String word : words) {
            Matcher host = NOT_THE_HOST.matcher(word);
            if (host.matches()) {
                throw new PolicyException("'" + word
                        + "' reaches nothing: a guest reaches this host as host.aegis; write host.aegis:"
                        + Objects.requireNonNullElse(host.group(1), "PORT") + ", and connect to that");
            }
        }
        return rules(words);
    }

    private List<Rule> rules(List<String> words) {
        List<Rule> rules = Rule.parse(words);
        presets.require(rules);
        return rules;
    }

    private static List<Rule> joined(List<Rule> had, List<Rule> more, List<Rule> without) {
        Set<Rule> gone = Set.copyOf(without);
        return Stream.concat(had.stream(), more.stream())
                .distinct()
                .filter(rule -> !gone.contains(rule))
                .toList();
    }

    private Egress checked(Supplier<Egress> making) {
        try {
            Egress made = making.get();
            if (made.allow().size() > MOST || made.deny().size() > MOST) {
                throw new PolicyException("an instance has at most " + MOST + " rules of each kind");
            }
            if (made.isOpen() && !(made.allow().isEmpty() && made.deny().isEmpty())) {
                throw new PolicyException("the network 'open' has no rules: use 'public', or leave the rules out");
            }
            if (made.isOpen() && made.rate().isPresent()) {
                throw new PolicyException("the network 'open' has no rate limit: use 'public', or leave the rate out");
            }
            Optional<Rule> outward =
                    made.allow().stream().filter(rule -> !rule.isInward()).findFirst();
            if (made.mode() == Mode.NONE && outward.isPresent()) {
                throw new PolicyException(
                        "the network 'none' allows nothing: start the instance with --network allow, after a stop if it"
                                + " runs, or leave out --allow " + outward.get().word());
            }
            return made;
        } catch (PolicyException mistake) {
            throw ErrorCode.BAD_REQUEST.refusal(String.valueOf(mistake.getMessage()), mistake);
        }
    }
}
