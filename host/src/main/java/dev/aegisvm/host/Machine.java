package dev.aegisvm.host;

import module java.base;

/**
 * What the kernel says of this host in {@code /proc} (proc(5)), and of what a container may have of it (cgroups(7)); what
 * other files of the host say, as they are.
 *
 * @param root where the host's file system is seen; {@code /} but for tests
 */
public record Machine(Path root) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal: +(\\d+) kB");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: +(\\d+) kB");
    private static final Path CGROUPS = Path.of("sys/fs/cgroup");
    private static final Pattern OWN_CGROUP = Pattern.compile("(?m)^0::/(.*)");
    private static final Pattern BYTES = Pattern.compile("^(\\d+)");
    private static final Pattern FILE_BYTES = Pattern.compile("(?m)^(?:in)?active_file (\\d+)");
    private static final Pattern HARD_LIMIT_OF_FILES = Pattern.compile("(?m)^Max open files +\\S+ +(\\d+)");
    /** Of one family; the default comes first. */
    private static final int MOST_ROUTES = 10_000;

    private static final Pattern PROCESSOR = Pattern.compile("(?m)^model name.*");
    private static final Pattern X86_FLAGS = Pattern.compile("(?m)^flags\\s*:(.*)");
    private static final Set<String> VIRTUALIZATION = Set.of("vmx", "svm");

    public Machine() {
        this(Path.of("/"));
    }

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

    /** What programs can have altogether, in MiB: the host's memory, or the limit of our cgroup if that is less. */
    public OptionalLong memoryMb() {
        LongStream limits = cgroups().flatMapToLong(cgroup -> numbers(BYTES, cgroup + "/memory.max"));
        return leastMb(TOTAL, limits);
    }

    /** Whether it is an x86 processor that offers no virtualization, as in many virtual machines. */
    public boolean lacksVirtualization() {
        Matcher flags = X86_FLAGS.matcher(read("proc/cpuinfo").orElse(""));
        return flags.find() && Collections.disjoint(List.of(flags.group(1).split(" ")), VIRTUALIZATION);
    }

    /** Available memory in MiB: the kernel's estimate, or what our cgroup's limit leaves if that is less. */
    public OptionalLong availableMemoryMb() {
        return leastMb(AVAILABLE, cgroups().flatMapToLong(this::leftBytes));
    }

    private OptionalLong leastMb(Pattern ofHost, LongStream bytesOfCgroups) {
        return LongStream.concat(numbers(ofHost, "proc/meminfo").map(kib -> kib << 10), bytesOfCgroups)
                .map(bytes -> bytes >> 20)
                .min();
    }

    /** Nothing where there is no limit. What the cgroup holds of files, the kernel takes back when memory is needed. */
    private LongStream leftBytes(Path cgroup) {
        long used = numbers(BYTES, cgroup + "/memory.current").sum();
        long files = numbers(FILE_BYTES, cgroup + "/memory.stat").sum();
        return numbers(BYTES, cgroup + "/memory.max").map(limit -> Math.max(0, limit - used + files));
    }

    /** The directories of our cgroup and its parents, whose limits hold too; none without cgroup v2. */
    private Stream<Path> cgroups() {
        return cgroup().stream().flatMap(own -> Stream.iterate(own, each -> each.startsWith(CGROUPS), Path::getParent));
    }

    /** The directory of our cgroup, below the root; empty where the host's are not unified. */
    Optional<Path> cgroup() {
        Matcher own = OWN_CGROUP.matcher(read("proc/self/cgroup").orElse(""));
        return own.find() ? Optional.of(CGROUPS.resolve(own.group(1))) : Optional.empty();
    }

    /** How many files this process may have open at most; empty where there is no limit. */
    public OptionalLong maxOpenFiles() {
        return numbers(HARD_LIMIT_OF_FILES, "proc/self/limits").findFirst();
    }

    /** The gateways of its routes, unspecified ones too; IPv4 addresses are numbers whose lowest byte comes first. */
    public List<InetAddress> gateways() {
        Stream<InetAddress> v4 = column("proc/net/route", 2)
                .skip(1)
                .map(hex -> Integer.reverseBytes(HexFormat.fromHexDigits(hex)))
                .map(address -> Inet4Address.ofPosixLiteral(Integer.toUnsignedString(address)));
        Stream<InetAddress> v6 = column("proc/net/ipv6_route", 4)
                .map(hex -> InetAddress.ofLiteral(hex.replaceAll("(.{4})(?!$)", "$1:")));
        return Stream.concat(v4, v6).toList();
    }

    private Stream<String> column(String file, int column) {
        return read(file).stream()
                .flatMap(String::lines)
                .limit(MOST_ROUTES)
                .map(line -> line.split("\\s+", -1)[column])
                .distinct();
    }

    private LongStream numbers(Pattern pattern, String file) {
        return pattern.matcher(read(file).orElse("")).results().mapToLong(found -> Long.parseLong(found.group(1)));
    }

    /** The text of a file of the host, by its path below the root; empty where there is none that can be read. */
    public Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(root.resolve(file)));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
