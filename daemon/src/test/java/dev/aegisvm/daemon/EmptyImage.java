package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;

/** An OCI layout with an image that has a configuration and no files, made by umoci. */
record EmptyImage(Path layout) {
    /** @param config options of {@code umoci config} */
    static EmptyImage in(Path layout, String... config) throws IOException {
        String image = layout + ":latest";
        if (Files.notExists(layout)) {
            umoci("init", "--layout", layout.toString());
        }
        umoci("new", "--image", image);
        List<String> command = new ArrayList<>(List.of("config", "--image", image));
        command.addAll(List.of(config));
        umoci(command.toArray(String[]::new));
        return new EmptyImage(layout);
    }

    String reference() {
        return "oci:" + layout + ":latest";
    }

    private static void umoci(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("umoci"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(said).isZero();
    }
}
