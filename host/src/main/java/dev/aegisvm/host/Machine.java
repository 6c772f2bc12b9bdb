package dev.aegisvm.host;

import module java.base;

/**
 * What the kernel says of this host in {@code /proc} (proc(5)).
 *
 * @param root where the host's file system is seen; {@code /} but for tests
 */
public record Machine(Path root) {
    private static final long KIB_PER_MIB = 1024;
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: +(\\d+) kB");
    private static final Pattern HARD_LIMIT_OF_FILES = Pattern.compile("(?m)^Max open files +\\S+ +(\\d+)");
    private static final Pattern PROCESSOR = Pattern.compile("(?m)^model name.*");

    public Machine() {
        this(Path.of("/"));
    }

    /** Where each process has a directory, by its id. */
    public Path processes() {
        return root.resolve("proc");
    }

    /** Tells this boot of the host from all others; empty where there is no {@code /proc}. */
    public Optional<String> bootId() {
        return read("proc/sys/kernel/random/boot_id").map(String::strip);
    }

    public String processor() {
        Matcher found = PROCESSOR.matcher(read("proc/cpuinfo").orElse(""));
        return found.find() ? found.group() : "unknown";
    }

    /** The kernel's own estimate of what programs can still get, in MiB. */
    public OptionalLong availableMemoryMb() {
        OptionalLong kib = number(AVAILABLE, "proc/meminfo");
        return kib.isPresent() ? OptionalLong.of(kib.getAsLong() / KIB_PER_MIB) : kib;
    }

    /** How many files this process may have open at most; empty where there is no limit. */
    public OptionalLong maxOpenFiles() {
        return number(HARD_LIMIT_OF_FILES, "proc/self/limits");
    }

    /** Whether a program may make a user namespace, as far as the setting {@code user.max_user_namespaces} says. */
    public boolean allowsUserNamespaces() {
        return !read("proc/sys/user/max_user_namespaces").orElse("").strip().equals("0");
    }

    private OptionalLong number(Pattern pattern, String file) {
        Matcher matcher = pattern.matcher(read(file).orElse(""));
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    private Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(root.resolve(file)));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
