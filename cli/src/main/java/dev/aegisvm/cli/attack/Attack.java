package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.api.Route;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Ending;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonException;

/**
 * Has a VM attack this host, while a second one is its neighbour, and judges what held. Whatever it needs (VMs, a secret, a
 * workspace, listeners) it makes, and removes.
 */
public final class Attack implements Closeable {
    /** The first start on a host boots a kernel, which takes long under emulation. */
    private static final Duration LIMIT = Duration.ofSeconds(110);

    private static final Duration PROMPT = Duration.ofSeconds(5);
    private static final int PORT = 7777;

    private final Session session;
    private final Bait bait = new Bait();
    private final Map<String, Finding> seen = new ConcurrentHashMap<>();
    private final List<AttackVm> vms = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long began = System.nanoTime();
    private volatile String at = "starting two VMs";

    private Attack(Session session) throws IOException {
        this.session = session;
    }

    public static Usage declare(Usage usage) {
        return usage.with("--attack", "have a VM attack this host, and show what held; see docs/SECURITY-PROBES.md")
                .with(
                        "--reach",
                        Value.of("HOST:PORT"),
                        "with --attack: try to reach this address too; nothing else beyond this host is spoken to");
    }

    /** {@code aegis doctor --attack}. */
    public static int run(Arguments arguments, Session session) throws IOException {
        String reach = arguments.value("--reach");
        if (reach != null && !reach.matches("[^\\s=]+:[0-9]{1,5}")) {
            throw arguments.malformed("--reach", reach, "--reach HOST:PORT");
        }
        AttackReport report;
        try (Attack attack = new Attack(session)) {
            Ending.onSignal(attack::close);
            try (StatusLine _ = StatusLine.on(session.console()).repeat(attack::progress, Duration.ofMillis(500))) {
                report = attack.report(reach == null ? List.of() : List.of("reach=" + reach));
            } catch (InterruptedException stop) {
                throw new DaemonException("interrupted", stop);
            }
        }
        if (arguments.has("--json")) {
            session.console().line(ApiJson.write(report));
        } else {
            session.console().print(report.text(session.console().colours()));
        }
        return report.ok() ? 0 : Verb.FAILED;
    }

    private String progress() {
        return "attacking this host: " + at + "… "
                + Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s";
    }

    private AttackReport report(List<String> reach) throws IOException, InterruptedException {
        long deadline = began + LIMIT.toNanos();
        Instant start = Instant.now();
        try (DaemonClient daemon = session.daemon()) {
            daemon.json(Routes.PUT_SECRET.with(new SecretValue(bait.secret()), bait.name()));
        }
        AttackVm second = start("second", List.of());
        need(second.await("ready", deadline));
        AttackVm first = start("first", reach);
        tell(first.await("done", deadline));
        at = "the neighbour";
        second.goOn();
        seen.putAll(HostLook.findings(session.home(), bait.secret(), first.instance()));
        tell(second.await("done", deadline));
        long drift = Duration.between(start, Instant.now())
                .minusNanos(System.nanoTime() - began)
                .abs()
                .toSeconds();
        if (drift > PROMPT.toSeconds()) {
            seen.put("clock-set", Finding.broken("this host's clock jumped by " + drift + " s"));
        }
        seen.putAll(bait.reached());
        List<Probe> probes = Probe.all();
        Map<String, Double> came = new HashMap<>(second.came());
        came.putAll(first.came());
        return AttackReport.of(
                reach.isEmpty() ? probes.subList(0, probes.size() - 1) : probes,
                new Probe.Evidence(first.said(), second.said(), came, seen),
                Duration.ofNanos(System.nanoTime() - began).toSeconds());
    }

    private static void need(String obstacle) throws DaemonException {
        if (!obstacle.isEmpty()) {
            throw new DaemonException("the attack could not begin: " + obstacle);
        }
    }

    private void tell(String obstacle) {
        if (!obstacle.isEmpty() && !Ending.begun()) {
            session.console().say("aegis: a VM did not finish its part: ".concat(Printable.of(obstacle)));
        }
    }

    private AttackVm start(String part, List<String> more) throws IOException {
        boolean attacks = part.equals("first");
        List<String> command = new ArrayList<>(List.of("python3", "-c", Probe.resource("probes.py"), part));
        command.addAll(bait.told());
        command.addAll(more);
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(command)
                .workspace(bait.workspace() + (attacks ? "" : ":ro"))
                .secrets(attacks ? List.of(bait.name()) : List.of())
                .exposes(attacks ? List.of(new PortMapping(PORT, null, "tcp")) : List.of())
                .ephemeral(true)
                .idlePause("never")
                .idleStop("never")
                .build();
        AttackVm vm = new AttackVm(session, request, attacks ? this::heard : _ -> {});
        vms.add(vm);
        return vm;
    }

    /** This host's part of some probes. */
    private void heard(String name) {
        at = name;
        switch (name) {
            case "racing" -> bait.race();
            case "raced" -> bait.raced();
            case "flooding" -> Thread.ofVirtual().name("flood").start(this::askWhileFlooded);
            default -> {}
        }
    }

    private void askWhileFlooded() {
        long asked = System.nanoTime();
        try (DaemonClient daemon = session.client()) {
            daemon.json(Routes.STATUS.to());
            Duration took = Duration.ofNanos(System.nanoTime() - asked);
            if (took.compareTo(PROMPT) > 0) {
                seen.put("console-flood", Finding.broken("the API answered after " + took.toMillis() + " ms"));
            }
        } catch (ApiException | IOException broken) {
            seen.put("console-flood", Finding.broken("the API did not answer: " + broken.getMessage()));
        }
    }

    /** Removes all that was made. The VMs go first: they have the workspace. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        for (AttackVm vm : vms) {
            undo(vm::close);
            remove(Routes.DELETE, vm.instance().id());
        }
        remove(Routes.DELETE_SECRET, bait.name());
        undo(bait::close);
    }

    private void remove(Route<?, ?> route, String name) {
        undo(() -> {
            try (DaemonClient daemon = session.client()) {
                daemon.json(route.to(name));
            }
        });
    }

    private interface Undoing {
        void run() throws IOException;
    }

    private static void undo(Undoing what) {
        try {
            what.run();
        } catch (ApiException | IOException gone) {
            return;
        }
    }
}
