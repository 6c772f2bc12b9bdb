package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.NetworkViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import org.jspecify.annotations.Nullable;

/** What guests may reach, and what they reached. */
public final class NetworkVerbs {
    private static final String REMOVE = "--remove";
    private static final String NOW = "--now";
    private static final String ALSO_END = "also end the open connections that are no longer allowed";
    private static final String SUGGEST = "--suggest";
    private static final Value RULES = Value.of("<rule>", InstanceOptions.RULES);

    private NetworkVerbs() {}

    public static Verb show() {
        Verb verb =
                Verb.of("show what an instance may reach, and what was refused").operand(Value.INSTANCE);
        return Asking.showing(verb, arguments -> Routes.NETWORK.to(arguments.operand()), NetworkVerbs::text);
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
        return changing("let an instance reach more", "one that denies it", NetworkViewsChangeNetworkBuilder::allow);
    }

    public static Verb deny() {
        return changing("let an instance reach less", "one that allows it", NetworkViewsChangeNetworkBuilder::deny)
                .with(NOW, ALSO_END);
    }

    public static Verb apply() {
        return Verb.of("replace the rules of an instance by those of a policy file")
                .with(NOW, ALSO_END)
                .choosing()
                .operand(Value.INSTANCE)
                .operand(Value.FILE)
                .does((arguments, session) -> {
                    String file = arguments.operands().getLast();
                    ChangeNetwork change = NetworkViewsChangeNetworkBuilder.builder()
                            .policy(InstanceOptions.policy("<file>", file, arguments, session))
                            .now(arguments.has(NOW))
                            .build();
                    return Asking.each(
                            Asking.chosen(arguments, 1, session),
                            session,
                            (_, name) ->
                                    Asking.show(Routes.CHANGE_NETWORK.with(change, name), session, NetworkVerbs::text));
                });
    }

    private static Verb changing(
            String summary,
            String opposite,
            BiFunction<NetworkViewsChangeNetworkBuilder, List<String>, NetworkViewsChangeNetworkBuilder> add) {
        return Asking.showing(
                Verb.of(summary)
                        .with(REMOVE, "remove these rules; without it, the same rule replaces " + opposite)
                        .operand(Value.INSTANCE)
                        .operands(RULES),
                arguments -> {
                    List<String> rules = arguments.operands().stream().skip(1).toList();
                    NetworkViewsChangeNetworkBuilder change =
                            NetworkViewsChangeNetworkBuilder.builder().now(arguments.has(NOW));
                    return Routes.CHANGE_NETWORK.with(
                            (arguments.has(REMOVE) ? change.remove(rules) : add.apply(change, rules)).build(),
                            arguments.operand());
                },
                NetworkVerbs::text);
    }

    public static Verb test() {
        return Verb.of("say whether an instance may reach something, and by which rule")
                .operand(Value.INSTANCE)
                .operand(Value.of("<url|host:port>"))
                .does((arguments, session) -> {
                    NetworkTarget target =
                            new NetworkTarget(arguments.operands().getLast());
                    RouteCall<VerdictView> call = Routes.TEST_NETWORK.with(target, arguments.operand());
                    byte[] verdict = Asking.answer(call, session);
                    Asking.print(call, verdict, session, answer -> Printable.of(text(answer)) + "\n");
                    return ApiJson.answer(VerdictView.class, verdict).allowed() ? 0 : Verb.FAILED;
                });
    }

    private static String text(VerdictView verdict) {
        return verdict.target() + ": " + (verdict.allowed() ? "allowed" : "refused") + ": " + verdict.reason();
    }

    public static Verb log() {
        return Verb.of("show the connections that an instance opened, or was refused")
                .with(LogVerbs.FOLLOW + " -f", "wait for new ones, and print them")
                .with(SUGGEST, "print the fewest --allow options that allow everything it asked for")
                .operand(Value.INSTANCE)
                .does((arguments, session) -> {
                    if (arguments.has(SUGGEST)) {
                        if (arguments.has(LogVerbs.FOLLOW)) {
                            throw arguments.wrong(SUGGEST + " and " + LogVerbs.FOLLOW + " cannot be used together");
                        }
                        return suggest(arguments.operand(), session);
                    }
                    return LogVerbs.print(
                            Routes.NETWORK_LOG.to(arguments.operand()).flag("follow", arguments.has(LogVerbs.FOLLOW)),
                            session,
                            line -> session.console().line(text(line)));
                });
    }

    private static int suggest(String instance, Session session) throws IOException {
        return Asking.show(Routes.SUGGEST_NETWORK.to(instance), session, suggestion -> {
            if (suggestion.flags().isEmpty()) {
                session.note("it asked for nothing that a rule could allow");
            }
            return Asking.lines(suggestion.flags());
        });
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
