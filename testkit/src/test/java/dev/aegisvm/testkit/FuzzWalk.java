package dev.aegisvm.testkit;

import module java.base;

/**
 * Gives a parser its corpus, and then what a fixed seed makes of that, for a few seconds: the same inputs each time, more of
 * them on a faster host. {@code make fuzz} searches the same targets for longer, guided by what they cover.
 */
public final class FuzzWalk {
    private static final long SEED = 14;
    private static final int MOST_INPUTS = 30_000;
    private static final Duration ENOUGH = Duration.ofMillis(2500);
    /** A parser that is still busy then hangs. */
    private static final Duration HANGS = Duration.ofSeconds(60);

    private final FuzzTarget target;
    private volatile byte[] latest = {};

    private FuzzWalk(FuzzTarget target) {
        this.target = target;
    }

    /** Fails for the first input that the parser neither takes nor refuses in order; it is then in a file that is named. */
    public static void over(FuzzTarget target) throws IOException, InterruptedException {
        new FuzzWalk(target).run();
    }

    private void run() throws IOException, InterruptedException {
        // Its sequence is specified, and so the same on every host.
        FuzzMutation inputs = new FuzzMutation(target.parser(), new Random(SEED));
        FutureTask<String> walk = new FutureTask<>(() -> walk(inputs));
        Thread.ofPlatform().daemon().name("fuzz-" + target.parser()).start(walk);
        try {
            System.out.println(target.parser() + ": " + walk.get(HANGS.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException fault) {
            throw new AssertionError(broken("broke on"), fault.getCause());
        } catch (TimeoutException hangs) {
            throw new AssertionError(broken("hangs on"), hangs);
        }
    }

    private String walk(FuzzMutation inputs) throws Exception {
        List<byte[]> corpus = inputs.corpus();
        for (byte[] entry : corpus) {
            give(entry);
        }
        long end = System.nanoTime() + ENOUGH.toNanos();
        int made = 0;
        while (made < MOST_INPUTS && System.nanoTime() < end) {
            give(inputs.next());
            made++;
        }
        return corpus.size() + " inputs of the corpus and " + made + " made of them";
    }

    private void give(byte[] input) throws Exception {
        latest = input;
        target.accept(input);
    }

    private String broken(String how) throws IOException {
        byte[] input = latest;
        Path file = Files.createDirectories(Path.of("target", "fuzz"))
                .resolve(target.parser() + "-" + input.length + "-" + Integer.toHexString(Arrays.hashCode(input)));
        Files.write(file, input);
        return target.parser() + " " + how + " " + file.toAbsolutePath() + "; move it to src/test/resources/fuzz/"
                + target.parser();
    }
}
