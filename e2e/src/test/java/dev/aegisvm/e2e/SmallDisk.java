package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;

/**
 * A file system of a few MB that a test can fill, in a mount namespace of its own. It is gone
 * with the process that holds the namespace.
 */
final class SmallDisk implements AutoCloseable {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Process holder;
    private final Path inside;

    /** @param mountPoint an existing directory, which the file system covers */
    SmallDisk(Path mountPoint, int megabytes) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount"));
        if (!ROOT) {
            command.add("--map-root-user");
        }
        String mount = "mount -t tmpfs -o mode=0700,size=" + megabytes + "m small '" + mountPoint + "'";
        // Who is root only in here cannot write to the host's /run.
        String run = ROOT ? "" : " && mount -t tmpfs run /run";
        command.addAll(List.of("sh", "-c", mount + run + " && echo mounted && exec sleep 3600"));
        holder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(holder.inputReader().readLine()).as("the small disk").isEqualTo("mounted");
        inside = Path.of("/proc", Long.toString(holder.pid()), "root")
                .resolve(mountPoint.toString().substring(1));
    }

    /** The words before a command that make it run where the disk is mounted. */
    List<String> enter() {
        List<String> command = new ArrayList<>(List.of("nsenter", "--mount", "--target", Long.toString(holder.pid())));
        if (!ROOT) {
            command.addAll(List.of("--user", "--preserve-credentials"));
        }
        return command;
    }

    /** A file of the disk, as seen from outside the namespace. */
    Path file(String name) {
        return inside.resolve(name);
    }

    /** Fills the disk to its last byte. */
    void fill() throws IOException {
        fillBut(0);
    }

    /** Fills the disk except for so many KB. */
    void fillBut(int kilobytes) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream filler = Files.newOutputStream(file("filler"))) {
            while (Files.getFileStore(inside).getUsableSpace() > kilobytes * 1024L) {
                filler.write(block);
            }
        }
    }

    /** Makes room again. */
    void empty() throws IOException {
        Files.delete(file("filler"));
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
    }
}
