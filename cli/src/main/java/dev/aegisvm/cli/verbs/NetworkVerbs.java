package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** What guests may reach, and what they reached. */
public final class NetworkVerbs {
    private static final String REMOVE = "--remove";
    private static final String NOW = "--now";
    private static final String ALSO_END = "also end the open connections that are no longer allowed";
    private static final String SUGGEST = "--suggest";
    private static final String FOLLOW = "--follow";
    private static final Value POLICY_FILE = Value.of("<file>", Value.Kind.FILE);

    private static final Value RULES = new Value("<rule>", InstanceOptions.RULE.kind(), InstanceOptions.RULE.choices());

    private NetworkVerbs() {}

    public static Verb show() {
        Usage usage = Usage.of("show what an instance may reach, and what was refused")
                .operand(Value.INSTANCE)
                .example("aegis network show box");
        return Asking.showing(usage, arguments -> Routes.NETWORK.to(arguments.operand()), (egress, _) -> text(egress));
    }

    private static String text(EgressView egress) {
        StringBuilder text = new StringBuilder(256);
        line(text, "mode", egress.mode());
        egress.allow().forEach(rule -> line(text, "allow", rule));
        egress.deny().forEach(rule -> line(text, "deny", rule));
        if (egress.rate() != null) {
            line(text, "rate", egress.rate() + " bytes/s each way");
        }
        line(text, "open", egress.connections() == 1 ? "1 connection" : egress.connections() + " connections");
        egress.refused().forEach(refusal -> line(text, "refused", refusal));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-9s%s%n", name + ":", Printable.of(value)));
    }

    /** In one line: {@code public, allow api.example.com @npm, deny evil.test}. */
    static @Nullable String policy(@Nullable EgressView egress) {
        if (egress == null) {
            return null; // A daemon that does not tell.
        }
        return egress.mode()
                + rules(", allow ", egress.allow())
                + rules(", deny ", egress.deny())
                + (egress.rate() == null ? "" : ", " + egress.rate() + " bytes/s each way");
    }

    private static String rules(String word, List<String> rules) {
        return rules.isEmpty() ? "" : word + String.join(" ", rules);
    }

    public static Verb allow() {
        Usage usage = change("let an instance reach more", "one that denies it")
                .details("""
                RULE is a host (api.example.com), all hosts below a domain (*.example.com), either with a port (host:443),
                addresses (10.1.0.0/16, [2001:db8::1]:443), a preset (@npm), a port of another instance (instance:db:5432) or
                of this host (host.aegis:8080). from:NAME lets another instance connect to this one. New connections follow
                it at once.""")
                .example("aegis network allow box api.example.com @npm");
        return changing(usage, (change, rules) -> change.allow(rules));
    }

    public static Verb deny() {
        Usage usage = change("let an instance reach less", "one that allows it")
                .with(NOW, ALSO_END)
                .details("""
                        A rule that denies wins over all that allow. RULE is as for `aegis network allow`. New connections follow it
                        at once.""")
                .example("aegis network deny box example.com --now");
        return changing(usage, (change, rules) -> change.deny(rules));
    }

    public static Verb apply() {
        Usage usage = Usage.of("replace the rules of an instance by those of a policy file")
                .with(NOW, ALSO_END)
                .operand(Value.INSTANCE)
                .operand(POLICY_FILE)
                .details("""
                        The file, or - for stdin, is TOML with the words of the command line: network = "allow", allow =
                        ["@npm"], deny = ["evil.test"]. What it leaves out, the instance no longer has; without network, allow
                        stands for that.""")
                .example("aegis network apply box policy.toml");
        return Asking.showing(
                usage,
                (arguments, session) -> {
                    String file = arguments.operands().getLast();
                    ChangeNetwork change = NetworkViewsChangeNetworkBuilder.builder()
                            .policy(InstanceOptions.policy("<file>", file, arguments, session))
                            .now(arguments.has(NOW))
                            .build();
                    return Routes.CHANGE_NETWORK.with(
                            change, arguments.operands().getFirst());
                },
                _ -> List.of(),
                (egress, _) -> text(egress));
    }

    private static Usage change(String summary, String opposite) {
        return Usage.of(summary)
                .with(REMOVE, "take the rules away again; without it, the same rule replaces " + opposite)
                .operand(Value.INSTANCE)
                .operands(RULES);
    }

    private static Verb changing(Usage usage, BiConsumer<NetworkViewsChangeNetworkBuilder, List<String>> add) {
        return Asking.showing(
                usage,
                arguments -> {
                    List<String> operands = arguments.operands();
                    List<String> rules = operands.subList(1, operands.size());
                    NetworkViewsChangeNetworkBuilder change =
                            NetworkViewsChangeNetworkBuilder.builder().now(arguments.has(NOW));
                    if (arguments.has(REMOVE)) {
                        change.remove(rules);
                    } else {
                        add.accept(change, rules);
                    }
                    return Routes.CHANGE_NETWORK.with(change.build(), operands.getFirst());
                },
                (egress, _) -> text(egress));
    }

    public static Verb test() {
        Usage usage = Usage.of("say whether an instance may reach something, and by which rule")
                .operand(Value.INSTANCE)
                .operand(Value.of("<url|host:port>"))
                .details("Nothing is sent, and no name is looked up. Exits with 1 when it would be refused.")
                .example("aegis network test box https://api.example.com/");
        return new Verb(usage, (arguments, session) -> {
            NetworkTarget target = new NetworkTarget(arguments.operands().get(1));
            try (DaemonClient daemon = session.daemon()) {
                byte[] json = daemon.json(
                        Routes.TEST_NETWORK.with(target, arguments.operands().getFirst()));
                VerdictView verdict = ApiJson.answer(VerdictView.class, json);
                if (arguments.has("--json")) {
                    session.console().line(json);
                } else {
                    session.console().line(Printable.of(text(verdict)));
                }
                return verdict.allowed() ? 0 : Verb.FAILED;
            }
        });
    }

    private static String text(VerdictView verdict) {
        return verdict.target() + ": " + (verdict.allowed() ? "allowed" : "refused") + ": " + verdict.reason();
    }

    public static Verb log() {
        Usage usage = Usage.of("show the connections that an instance opened, or was refused")
                .with(FOLLOW + " -f", "wait for new ones, and print them")
                .with(SUGGEST, "print the fewest --allow options that let pass all that it asked for")
                .operand(Value.INSTANCE)
                .details(
                        "A line for each connection that has ended: when, whether it was allowed, where it went, and why.")
                .example("aegis network log box --suggest");
        return new Verb(usage, (arguments, session) -> {
            if (arguments.has(SUGGEST)) {
                if (arguments.has(FOLLOW)) {
                    throw arguments.wrong(SUGGEST + " and " + FOLLOW + " do not go together: leave one out");
                }
                return suggest(arguments, session);
            }
            return LogVerbs.print(
                    Routes.NETWORK_LOG.to(arguments.operand()).flag("follow", arguments.has(FOLLOW)),
                    arguments,
                    session,
                    line -> session.console().line(text(ApiJson.answer(AuditLine.class, line))));
        });
    }

    private static int suggest(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            byte[] json = daemon.json(Routes.SUGGEST_NETWORK.to(arguments.operand()));
            if (arguments.has("--json")) {
                session.console().line(json);
                return 0;
            }
            List<String> flags = ApiJson.answer(SuggestionView.class, json).flags();
            if (flags.isEmpty()) {
                session.note("it asked for nothing that a rule could allow");
            }
            for (String flag : flags) {
                session.console().line(Printable.of(flag));
            }
            return 0;
        }
    }

    private static String text(AuditLine line) {
        String asked = Objects.requireNonNullElse(line.name(), String.valueOf(line.address()));
        String port = line.port() == null ? "" : ":" + line.port();
        String real = line.name() == null || line.address() == null ? "" : " (" + line.address() + ")";
        String missed = line.missed() == null ? "" : " (" + line.missed() + " lines before it were not kept)";
        return Printable.of(line.time() + "  " + line.kind() + "  " + line.verdict() + "  " + asked + port + real
                + " by " + line.rule() + outcome(line) + missed);
    }

    private static String outcome(AuditLine line) {
        if (line.reason() != null) {
            return ": " + line.reason();
        }
        return line.port() == null
                ? ""
                : ", " + line.bytesUp() + " bytes up, " + line.bytesDown() + " down, " + line.durationMs() + " ms";
    }
}
