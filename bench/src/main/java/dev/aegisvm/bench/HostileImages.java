package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;

/** Hostile images, and what an instance that is used meanwhile feels of them. */
final class HostileImages {
    private static final int EXECS_BEFORE = 60;
    private static final long EXEC_EVERY_MILLIS = 500;
    private static final double MAX_SECONDS = 30;

    private final Sandbox sandbox;
    private final DaemonClient client;
    private final String instance;
    private final long daemon;
    private final List<Double> meanwhile = Collections.synchronizedList(new ArrayList<>());
    private final DoubleAccumulator children = new DoubleAccumulator(Math::max, 0);

    private HostileImages(Sandbox sandbox, DaemonClient client, String instance) throws IOException {
        this.sandbox = sandbox;
        this.client = client;
        this.instance = instance;
        this.daemon = client.call(Routes.STATUS).pid();
    }

    /** {@code aegis image load} of each, one after the other and then all at once, while an instance is exec'd twice a second. */
    static void load(Sandbox sandbox, Turns turns) throws IOException {
        Map<String, Path> archives = HostileArchives.in(sandbox.scratch("hostile"));
        sandbox.with(Sandbox.IDLE, (client, id) -> {
            new HostileImages(sandbox, client, id).measure(archives, turns);
            return id;
        });
    }

    private void measure(Map<String, Path> archives, Turns turns) throws IOException {
        List<Double> before = new ArrayList<>();
        while (before.size() < EXECS_BEFORE) {
            before.add(Turns.millis(() -> Execs.ndjson(client, instance)));
        }
        double memory = ProcFile.residentMb(daemon);
        ProcFile.forgetHighest(daemon);
        try (ScheduledExecutorService clock = Executors.newScheduledThreadPool(1)) {
            var _ = clock.scheduleAtFixedRate(this::look, 0, EXEC_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            for (Map.Entry<String, Path> archive : archives.entrySet()) {
                double millis = Turns.millis(() -> refuse(archive.getValue()));
                turns.value("hostile." + archive.getKey(), "refusal of: " + archive.getKey(), "s", millis / 1000)
                        .atMost(MAX_SECONDS);
            }
            Queue<Path> left = new ConcurrentLinkedQueue<>(archives.values());
            double all = Turns.millis(() -> Turns.atOnce(archives.size(), () -> refuse(left.remove())));
            turns.value("hostile.together", "refusal of all, loaded at once", "s", all / 1000)
                    .atMost(MAX_SECONDS);
        }
        turns.values("hostile.exec.before", "exec of `true` before", "ms", before);
        turns.values("hostile.exec", "exec of `true` meanwhile, twice a second", "ms", meanwhile)
                .atMost(1000, 3 * rare(before))
                .note("p99 is to be at most 3 × that of before");
        turns.value("hostile.daemon", "what the daemon grew by at most", "MB", ProcFile.highestMb(daemon) - memory)
                .atMost(64);
        turns.value("hostile.child", "the most memory of a process that makes images", "MB", children.get())
                .atMost(512);
    }

    private static double rare(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() * 99 / 100);
    }

    private void look() {
        try {
            meanwhile.add(Turns.millis(() -> Execs.ndjson(client, instance)));
        } catch (IOException broken) {
            meanwhile.add(Double.MAX_VALUE);
        }
        ProcessHandle.of(daemon).stream().flatMap(ProcessHandle::descendants).forEach(child -> {
            try {
                if (Files.readString(ProcFile.of(child.pid(), "cmdline")).contains("ChildMain")) {
                    children.accumulate(ProcFile.highestMb(child.pid()));
                }
            } catch (IOException gone) {
                // It has ended.
            }
        });
    }

    private void refuse(Path archive) throws IOException {
        Process load = sandbox.command(sandbox.program("aegis"), "image", "load", archive.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (load.onExit().join().exitValue() == 0 || said.contains("internal")) {
            throw new IOException(archive + " was not refused but: " + said);
        }
    }
}
