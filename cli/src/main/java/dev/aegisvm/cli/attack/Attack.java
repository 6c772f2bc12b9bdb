package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.cli.attack.Probe.Finding;
import dev.aegisvm.cli.attack.Probe.Finding.Verdict;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;
import io.avaje.jsonb.Json;

/**
 * Has a VM attack this host, while a second one is its neighbour, and judges what held. Whatever it needs (VMs, a
 * secret, a workspace, listeners) it makes, and removes.
 */
public final class Attack implements Closeable {
    private static final Duration PROMPT = Duration.ofSeconds(5);
    private static final int PORT = 7777;

    private final Session session;
    private final Bait bait = new Bait();
    private final Map<String, Finding> seen = new HashMap<>();
    private final Deque<Closeable> made = new ConcurrentLinkedDeque<>(List.of(bait));
    private final long began = System.nanoTime();
    private volatile String at = "starting two VMs";

    private Attack(Session session) throws IOException {
        this.session = session;
    }

    public static Verb declare(Verb verb) {
        return verb.with("--attack", "let a VM attack this host, and show the results; see docs/SECURITY-PROBES.md")
                .with(
                        "--reach HOST:PORT",
                        "with --attack: also try to connect to this address, the only one outside this host");
    }

    public static int run(Arguments arguments, Session session) throws IOException {
        String reach = arguments.checked("--reach", text -> text.matches("[^\\s=]+:[0-9]{1,5}"), "--reach HOST:PORT");
        AttackReport report;
        try (Attack attack = new Attack(session)) {
            Ending.onSignal(attack::close);
            try (StatusLine _ = StatusLine.on(session.console()).repeat(attack::progress, Duration.ofMillis(500))) {
                report = attack.report(reach == null ? List.of() : List.of("reach=" + reach));
            }
        }
        session.print(report, report.text(session.console().colours()));
        return report.ok() ? 0 : Verb.FAILED;
    }

    private long seconds() {
        return Duration.ofNanos(System.nanoTime() - began).toSeconds();
    }

    private String progress() {
        return "attacking this host: " + Printable.of(at) + "… " + seconds() + " s";
    }

    private AttackReport report(List<String> reach) throws IOException {
        Instant start = Instant.now();
        made.addFirst(() -> ask(Routes.DELETE_SECRET.to(bait.name)));
        session.daemon().close();
        ask(Routes.PUT_SECRET.with(new SecretValue(bait.secret), bait.name));
        AttackVm second = start(false);
        AttackVm first = start(true);
        play("first", first, reach);
        seen.putAll(bait.findings(
                session.home(), first.instance.endpoints().getFirst().publicPort()));
        play("second", second, List.of());
        Duration jumped = Duration.between(start, Instant.now()).minusNanos(System.nanoTime() - began);
        if (jumped.abs().compareTo(PROMPT) > 0) {
            seen.put("clock-set", Finding.broken("this host's clock jumped by " + jumped.toSeconds() + " s"));
        }
        seen.putAll(bait.reached());
        return AttackReport.of(
                Probe.all().stream()
                        .filter(probe -> !(reach.isEmpty() && probe.id().equals("reach")))
                        .map(probe -> new AttackReport.ProbeResult(probe, probe.finding(first.said, second.said, seen)))
                        .toList(),
                seconds());
    }

    private AttackVm start(boolean attacks) throws IOException {
        AttackVm vm = new AttackVm(CreateInstanceBuilder.builder()
                .command(script("live", List.of()))
                .workspace(bait.workspace + (attacks ? "" : ":ro"))
                .secrets(attacks ? List.of(bait.name) : List.of())
                .exposes(attacks ? List.of(new PortMapping(PORT, null, "tcp")) : List.of())
                .ephemeral(true)
                .idlePause("never")
                .idleStop("never")
                .build());
        made.addFirst(vm);
        return vm;
    }

    private void ask(RouteCall<?> what) throws IOException {
        try (DaemonClient daemon = session.client()) {
            daemon.json(what);
        }
    }

    private static List<String> script(String part, List<String> more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("python3", "-c", TextResource.of(Probe.class, "probes.py"), part));
        command.addAll(more);
        return command;
    }

    private void play(String part, AttackVm vm, List<String> more) throws IOException {
        List<String> told = new ArrayList<>(bait.told());
        told.addAll(more);
        String obstacle = vm.run(script(part, told));
        if (!obstacle.isEmpty() && !Ending.begun()) {
            session.console().say("aegis: a VM did not finish its part: ".concat(Printable.of(obstacle)));
        }
    }

    /** This host's part of some probes. */
    private void heard(String name, String value) {
        at = name;
        switch (name) {
            case "racing" -> bait.race();
            case "raced" -> bait.racing = false;
            case "flooding" -> askWhileFlooded();
            case "clock", "clock-after" -> seen.put(name, clock(value));
            default -> {}
        }
    }

    private void askWhileFlooded() {
        long asked = System.nanoTime();
        try {
            ask(Routes.STATUS.to());
            Duration took = Duration.ofNanos(System.nanoTime() - asked);
            if (took.compareTo(PROMPT) > 0) {
                seen.put("console-flood", Finding.broken("the API answered after " + took.toMillis() + " ms"));
            }
        } catch (ApiException | IOException broken) {
            seen.put("console-flood", Finding.broken("the API did not answer: " + broken.getMessage()));
        }
    }

    /** What a VM says that its time is, in seconds since 1970. */
    static Finding clock(String said) {
        try {
            double behind = System.currentTimeMillis() / 1000.0 - Double.parseDouble(said);
            return Math.abs(behind) < PROMPT.toSeconds()
                    ? Finding.HELD
                    : Finding.broken("it is " + Math.round(behind) + " s behind this host's");
        } catch (NumberFormatException none) {
            return Finding.untried("a VM reported an invalid time");
        }
    }

    /** Removes all that was made, the latest first: the VMs have the workspace. */
    @Override
    public void close() {
        for (Closeable each = made.pollFirst(); each != null; each = made.pollFirst()) {
            try {
                each.close();
            } catch (ApiException | IOException gone) {
                // It need not be removed.
            }
        }
    }

    /** A VM in which parts of {@code probes.py} run. It lives as long as this is open, and is gone when we are. */
    private final class AttackVm implements Closeable {
        private static final Duration LIMIT = Duration.ofSeconds(80);
        /** The VM may be hostile by now: more than that is nothing of ours. */
        private static final int LONGEST = 4096;

        private static final int MOST = 200;

        private final DaemonClient daemon = session.client();
        private final AttachedProcess main;
        final InstanceView instance;
        /** Names, and the first value that each was given. */
        final Map<String, String> said = new HashMap<>();

        AttackVm(CreateInstance request) throws IOException {
            main = daemon.stream(Routes.CREATE.with(request));
            instance = main.instance();
        }

        /**
         * Runs a command to its end, whose output is a name, a tab and a value in each line; each name is heard once.
         * Gives why it did not end as it should; empty when it did.
         */
        String run(List<String> command) {
            String complaint = "";
            try (DaemonClient client = session.client();
                    JsonLines lines = client.lines(Routes.EXEC.with(
                            ExecRequestBuilder.builder()
                                    .command(command)
                                    .timeoutMs(LIMIT.toMillis())
                                    .build(),
                            instance.id()))) {
                for (byte[] json = lines.next(); json != null; json = lines.next()) {
                    LogEntry entry = ApiJson.answer(LogEntry.class, json);
                    ExecDone end = ApiJson.answer(ExecDone.class, json);
                    if (entry.stream() == LogStream.STDOUT) {
                        hear(entry.line());
                    } else if (entry.stream() == LogStream.STDERR) {
                        complaint = entry.line();
                    } else if (end.done()) {
                        String why = end.error() == null
                                ? "it ended with " + end.exitCode() + ": " + complaint
                                : end.error();
                        return end.exitCode() == 0 ? "" : why;
                    }
                }
                return "the daemon closed the connection";
            } catch (ApiException | IOException broken) {
                return String.valueOf(broken.getMessage());
            }
        }

        private void hear(String line) {
            int tab = line.indexOf('\t');
            if (tab <= 0 || line.length() > LONGEST || said.size() >= MOST) {
                return;
            }
            String name = line.substring(0, tab);
            String value = line.substring(tab + 1);
            if (said.putIfAbsent(name, value) == null) {
                heard(name, value);
            }
        }

        @Override
        public void close() throws IOException {
            try (daemon) {
                main.close();
                daemon.json(Routes.DELETE.to(instance.id()));
            }
        }
    }

    /** What {@code aegis doctor --attack --json} prints; it is ok when nothing is broken and all was tried. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record AttackReport(boolean ok, long seconds, List<ProbeResult> probes) {
        /** A {@link Probe} and its {@link Finding}. */
        @Json(naming = Json.Naming.LowerUnderscore)
        record ProbeResult(String id, Verdict verdict, String tries, String found, String means) {
            ProbeResult(Probe probe, Finding finding) {
                this(probe.id(), finding.verdict(), probe.tries(), finding.found(), probe.means());
            }
        }

        static AttackReport of(List<ProbeResult> results, long seconds) {
            boolean ok = results.stream().allMatch(each -> each.verdict().compareTo(Verdict.UNTRIED) < 0);
            return new AttackReport(ok, seconds, results);
        }

        String text(boolean colours) {
            TextTable table = new TextTable("VERDICT", "PROBE", "WHAT A VM TRIED");
            StringBuilder more = new StringBuilder("\n");
            Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
            for (ProbeResult each : probes) {
                counts.merge(each.verdict(), 1L, Long::sum);
                table.row(each.verdict().word(), each.id(), each.tries());
                table.colour(0, each.verdict().colour);
                if (each.verdict() != Verdict.HELD) {
                    more.append(each.verdict().word() + " " + each.id() + ": " + Printable.of(each.found()) + "\n");
                    more.append("    " + (each.verdict() == Verdict.UNTRIED ? "not tested" : each.means()) + "\n");
                }
            }
            String sum = Stream.of(Verdict.values())
                    .map(verdict -> counts.getOrDefault(verdict, 0L) + " " + verdict.word())
                    .collect(Collectors.joining(", "));
            return table.text(colours) + more + probes.size() + " probes in " + seconds + " s: " + sum;
        }
    }
}
