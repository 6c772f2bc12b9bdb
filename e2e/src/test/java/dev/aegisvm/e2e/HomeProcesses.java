package dev.aegisvm.e2e;

import module java.base;

/**
 * The processes, of any program, whose command line or environment names a home.
 *
 * @param runDirectory where the sockets of its running VMs are
 */
record HomeProcesses(Path home, Path runDirectory) {
    /** Each with its pid and its command line. */
    List<String> all() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(
                            process -> process.getFileName().toString().chars().allMatch(Character::isDigit))
                    .filter(this::isOurs)
                    .map(process -> process.getFileName() + " "
                            + slurp(process.resolve("cmdline")).replace('\0', ' '))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pids of those that run a program with this in its arguments. */
    List<Long> pids(String program, String argument) {
        return all().stream()
                .filter(line -> line.matches("\\d+ (\\S*/)?" + program + " .*") && line.contains(argument))
                .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    private boolean isOurs(Path process) {
        String commandLine = slurp(process.resolve("cmdline"));
        return commandLine.contains(home.toString())
                || commandLine.contains(runDirectory + "/")
                || slurp(process.resolve("environ")).contains(home.toString());
    }

    private static String slurp(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }
}
