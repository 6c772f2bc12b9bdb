package dev.aegisvm.image.child;

import module java.base;
import dev.aegisvm.host.*;

/**
 * How the process that makes images is started: the JVM and the jars of this process with another main class, in a jail
 * and with limits of its own.
 *
 * @param options of the JVM, such as its start-up cache
 */
record ChildStart(Jail jail, List<String> options) {
    static final int MAX_HEAP_MB = 352;
    static final long MAX_CPU_SECONDS = 1800;
    /** With mkfs.erofs, and what the kernel keeps of the files that both read and write. */
    private static final long MAX_MEMORY_BYTES = 1L << 30;

    private static final Path JAVA = Path.of(System.getProperty("java.home", ""));
    /** Where Debian has the settings of its JDK. */
    private static final Path SETTINGS =
            Path.of("/etc/java-" + Runtime.version().feature() + "-openjdk");

    /** Starts one, which writes to its work directory and reads at these places. */
    Jailed start(Path work, Set<Path> places) throws IOException {
        String classPath = System.getProperty("java.class.path", "");
        Set<Path> classes = Stream.of(classPath.split(":"))
                .map(Path::of)
                .map(ChildStart::directory)
                .collect(Collectors.toSet());
        // A package has its Java in the directory of its jars, which must not be mounted over it.
        Path java = classes.stream().filter(JAVA::startsWith).findFirst().orElse(JAVA);
        List<Path> readOnly = Stream.of(classes.stream(), places.stream(), Stream.of(SETTINGS))
                .flatMap(each -> each)
                .filter(each -> Files.exists(each) && !each.equals(java))
                .distinct()
                .toList();
        Cell cell = new Cell(
                List.of(java),
                readOnly,
                List.of(work),
                List.of(Path.of("/dev/null"), Path.of("/dev/urandom"), Path.of("/dev/random")),
                List.of(),
                MAX_MEMORY_BYTES,
                Long.MAX_VALUE,
                Cell.Input.WORDS);
        return jail.start(Optional.empty(), cell, command(work, classPath));
    }

    private static Path directory(Path classes) {
        return Files.isDirectory(classes) ? classes : Objects.requireNonNullElse(classes.getParent(), classes);
    }

    /** Behind VMs and the daemon when processors are short. Names of files are UTF-8. */
    private List<String> command(Path work, String classPath) {
        List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C.UTF-8", "nice", "-n", "10"));
        command.addAll(List.of("prlimit", "--cpu=" + MAX_CPU_SECONDS + ":" + (MAX_CPU_SECONDS + 10)));
        command.add(JAVA.resolve("bin/java").toString());
        command.addAll(List.of("-Xms16m", "-Xmx" + MAX_HEAP_MB + "m", "-XX:MaxDirectMemorySize=32m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "-Xlog:disable"));
        command.addAll(List.of("-Xlog:all=error,aot*=off,cds*=off:stderr", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-Djava.io.tmpdir=" + work, "-XX:ErrorFile=" + work.resolve("crash.log")));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, ChildMain.class.getName()));
        return command;
    }
}
