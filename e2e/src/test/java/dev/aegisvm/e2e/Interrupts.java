package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;

/**
 * Ctrl+C at moments that are spread over the time that a command takes.
 *
 * @param before is done before each
 */
record Interrupts(HomeFixture home, int moments, Runnable before) {
    private static final Pattern OF_JAVA = Pattern.compile("Runtime\\.|java\\.|Exception|internal error");

    /** Interrupts a command at each moment; gives what it printed, the first time without an interrupt. */
    List<String> of(String... words) throws Exception {
        before.run();
        long start = System.nanoTime();
        List<String> printed = new ArrayList<>(List.of(home.aegis(words).ok().stdout()));
        long took = System.nanoTime() - start;
        int interrupted = 0;
        for (int moment = 0; moment < moments; moment++) {
            before.run();
            HomeFixture.Running running = home.start(words);
            if (!running.process().waitFor(took * moment / moments, TimeUnit.NANOSECONDS)) {
                // It may end meanwhile.
                HostUser.run(
                        "sh",
                        "-c",
                        "kill -INT $0 || :",
                        Long.toString(running.process().pid()));
            }
            HomeFixture.Result result = running.await();
            String when = String.join(" ", words) + " at " + moment + "/" + moments + ": " + result.stderr();
            assertThat(result.exitCode()).as(when).isIn(0, 130);
            assertThat(result.stderr()).as(when).doesNotContainPattern(OF_JAVA);
            interrupted += result.exitCode() == 130 ? 1 : 0;
            printed.add(result.stdout());
        }
        System.out.println(String.join(" ", words) + ": " + interrupted + " of " + moments + " interrupted");
        assertThat(interrupted).as("how often it was interrupted").isGreaterThan(moments / 10);
        return printed;
    }
}
