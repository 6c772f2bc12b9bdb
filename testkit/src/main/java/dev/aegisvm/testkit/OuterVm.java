package dev.aegisvm.testkit;

import module java.base;

/**
 * A VM in which VMs have KVM, on any host, 5 to 10 times slower than the host. {@code testkit/outer/boot} says what it is.
 *
 * @param checkout whose recipe it is
 * @param shown directories of the host that it sees at their own paths; what is written there is gone with it
 */
public record OuterVm(Path checkout, List<Path> shown) {
    private static final int LAST_LINES = 60;

    /**
     * How a command ended.
     *
     * @param exitCode of the command, or 125 where the VM ended before it, or 137 where the limit was reached
     * @param lastLines the end of the console, to which the command writes
     */
    public record Result(int exitCode, String lastLines) {}

    /**
     * Boots it, runs a command in it as root, and ends it. The first boot of all builds its system, in a minute or two.
     *
     * @param orders an empty directory, which is {@code /orders} in it; what is written there stays
     * @param limit after which it is killed
     * @param console gets each line of the console as it comes
     */
    public Result run(List<String> command, Path orders, Duration limit, Consumer<String> console) throws IOException {
        // It ends with us, however we end.
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        words.add(checkout.resolve("testkit/outer/boot").toString());
        words.add(orders.toString());
        // A directory comes before those in it.
        shown.stream().distinct().sorted().map(Path::toString).forEach(words::add);
        words.add("--");
        words.addAll(command);
        Process vm = new ProcessBuilder(words).redirectErrorStream(true).start();
        var _ = CompletableFuture.runAsync(
                vm::destroyForcibly, CompletableFuture.delayedExecutor(limit.toSeconds(), TimeUnit.SECONDS));
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = vm.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> {
                console.accept(line);
                last.addLast(line);
                if (last.size() > LAST_LINES) {
                    last.removeFirst();
                }
            });
            return new Result(vm.onExit().join().exitValue(), String.join("\n", last));
        } finally {
            vm.destroyForcibly();
        }
    }
}
