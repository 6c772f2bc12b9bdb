package dev.aegisvm.testkit;

import module java.base;

/**
 * A VM in which VMs have KVM, on any host, 5 to 10 times slower than the host, as {@code testkit/outer/boot} says.
 *
 * @param shown directories of the host that it sees at their own paths; what is written there is gone with it
 */
public record OuterVm(Path checkout, List<Path> shown) {
    private static final int LAST_LINES = 60;

    /** How a command ended, 125 where the VM ended before it, 137 at the limit; and the end of the console. */
    public record Result(int exitCode, String lastLines) {}

    /** What shows it the Java that runs this: that one's home, and its configuration, which Debian has in {@code /etc}. */
    public static List<Path> java() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        Path settings = home.resolve("conf/security/java.security").toRealPath();
        return settings.startsWith(home.toRealPath())
                ? List.of(home)
                : List.of(home, settings.resolve("../..").normalize());
    }

    /**
     * Boots it, runs a command in it as root, and ends it. The first boot of all builds its system, in a minute or two.
     *
     * @param orders an empty directory, which is {@code /orders} in it; what is written there stays, and the console
     *     goes to {@code console} in it
     */
    public Result run(List<String> command, Path orders, Duration limit) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(checkout.resolve("testkit/outer/boot").toString());
        words.add(orders.toString());
        // A directory comes before those in it.
        shown.stream().distinct().sorted().map(Path::toString).forEach(words::add);
        words.add("--");
        words.addAll(command);
        Path console = orders.resolve("console");
        ProcessBuilder boot =
                new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(console.toFile());
        Process vm = boot.start();
        try {
            vm.onExit()
                    .completeOnTimeout(vm, limit.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } finally {
            vm.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(console, StandardCharsets.ISO_8859_1);
        String last = String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        return new Result(vm.onExit().join().exitValue(), last);
    }
}
