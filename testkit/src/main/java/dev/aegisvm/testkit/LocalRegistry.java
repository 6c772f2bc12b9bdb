package dev.aegisvm.testkit;

import module java.base;

/** Debian's docker-registry on a loopback port, with its files in a directory of the caller, filled by skopeo. */
public final class LocalRegistry implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;
    private static final Pattern LISTENS = Pattern.compile("\"listening on 127\\.0\\.0\\.1:(\\d+)\"");

    private final Process process;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> port =
            new CompletableFuture<Integer>().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS);

    private LocalRegistry(Process process) {
        this.process = process;
    }

    /** One that all may read and fill. */
    public static LocalRegistry open(Path directory) throws IOException {
        return open(directory, "");
    }

    /** One for those whom htpasswd wrote into a file. */
    public static LocalRegistry withUsers(Path directory, Path users) throws IOException {
        return open(directory, "auth:\n  htpasswd:\n    realm: test\n    path: " + users + "\n");
    }

    /** One with a section {@code auth} in its configuration, in YAML. */
    public static LocalRegistry open(Path directory, String auth) throws IOException {
        Files.createDirectories(directory);
        Path config = directory.resolve("config.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: "
                        + directory.resolve("data") + "\nhttp:\n  addr: 127.0.0.1:0\n" + auth);
        LocalRegistry registry = new LocalRegistry(new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .start());
        Thread.ofVirtual().name("docker-registry").start(registry::read);
        return registry;
    }

    /** It takes a free port and says which. */
    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            lines.lines().forEach(line -> {
                log.add(line);
                Matcher listens = LISTENS.matcher(line);
                if (listens.find()) {
                    port.complete(Integer.valueOf(listens.group(1)));
                }
            });
        } catch (IOException | UncheckedIOException ended) {
            log.add(ended.toString());
        }
        port.completeExceptionally(new IOException("docker-registry ended: " + String.join("\n", log)));
    }

    /** Its port, as soon as it listens. */
    public int port() {
        return port.join();
    }

    /** Host and port, as they stand in names and in logins. */
    public String host() {
        return "localhost:" + port();
    }

    /** A name in this registry, as it is written on a command line. */
    public String name(String rest) {
        return host() + "/" + rest;
    }

    /** Copies an image here; returns its name. */
    public String push(OciImage image, String rest, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("skopeo", "copy", "--quiet", "--dest-tls-verify=false"));
        command.addAll(List.of(options));
        command.add(image.reference());
        command.add("docker://" + name(rest));
        Tool.run(command.toArray(String[]::new));
        return name(rest);
    }

    /** How often something was read, by the registry's own log: a path such as {@code app/manifests/1}. */
    public long reads(String path) {
        String request = "\"GET /v2/" + path + " ";
        return log.stream()
                .filter(line -> line.contains(request) && line.contains("\" 200 "))
                .count();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
