package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.host.HostError;
import org.jspecify.annotations.Nullable;

/** The options that describe a new instance, which {@code run} and {@code instance start} share. */
final class InstanceOptions {
    private static final String[] TIMEOUTS = {"90s", "5m", "30m", "never"};
    private static final String[] NETWORKS = {"none", "public", "allow", "open"};
    /** What the gateway decides by; the daemon reads it. */
    static final String[] RULES = {"@pypi", "@npm", "@debian", "@github", "@docker", "@maven"};

    private static final String RIGHT_EXPOSE =
            "--expose 8080:80, --expose 80 or --expose 5432/tcp, with ports from 1 to " + PortMapping.MAX_PORT;

    /** An address of this host before a port, but for 127.0.0.1. */
    private static final Pattern ADDRESS = Pattern.compile("(?!127\\.0\\.0\\.1:)(\\d+\\.[\\d.]+|\\[[^]]*]):");

    private static final int LONGEST_POLICY = 65_536;

    private InstanceOptions() {}

    static Verb declare(Verb verb) {
        Verb named = declareProcess(verb.with("--name NAME", "a name for the instance"));
        return declareNetwork(named)
                .with("--secret KEY[@HOST,…]", "a stored secret, as a variable or on the way to HOST; '*' for all")
                .offering(Value.Kind.SECRET)
                .with("--memory -m SIZE", "memory of the VM: 256M, 512M, 1G, 2G, …")
                .offering("256M", "512M", "1G", "2G", "4G", "8G")
                .with("--cpus N", "number of virtual CPUs, 1 to 16")
                .offering("1", "2", "4", "8", "16")
                .with("--disk SIZE", "size of the disk, 64M to 64G; unused space takes no room on the host")
                .offering("1G", "8G", "16G", "64G")
                .with("--idle-pause DUR", "pause it after this idle time: 90s, 5m, …, or never")
                .offering(TIMEOUTS)
                .with("--idle-stop DUR", "stop it this time after the pause, or never")
                .offering(TIMEOUTS)
                .with("--workspace WHERE", "a name or a directory, at /workspace; append :ro, or :copy for a copy")
                .offering(Value.Kind.DIRECTORY)
                .with(
                        "--volume -v WHERE:GUEST[:ro]",
                        "a name or a directory, at the path GUEST in the VM; can be repeated")
                .with("--image REF", "its root file system: aegis:base, aegis:full, debian:13, ./app.tar, …")
                .offering(Value.Kind.IMAGE)
                .with("--ttl DUR", "delete it after this time, whatever it does: 30m, 2h, 1d, or never")
                .offering("30m", "2h", "1d", "never")
                .with("--label -l K=V", "a label to find it by; can be repeated")
                .with("--rm", "delete it when its main process has ended or the daemon restarts")
                .withQuiet();
    }

    /** The options that say who is reached by it, and who reaches it. */
    private static Verb declareNetwork(Verb verb) {
        return verb.with(
                        "--expose -p --publish [PUBLIC:]GUEST[/PROTO]",
                        "forward a port of 127.0.0.1 to the guest; PROTO is http, tcp or grpc")
                .with("--network MODE", "what it may reach: none, public, allow (what rules name) or open")
                .offering(NETWORKS)
                .with("--allow RULE", "let it reach api.example.com, 10.1.0.0/16, @npm, …; can be repeated")
                .offering(RULES)
                .with("--deny RULE", "never let it reach this; can be repeated")
                .offering(RULES)
                .with("--accept-from NAME", "let this instance connect to any of its ports; can be repeated")
                .offering(Value.Kind.INSTANCE)
                .with("--network-file FILE", "a policy file, with network, allow and deny; - is stdin")
                .offering(Value.Kind.FILE)
                .with("--network-rate RATE", "bytes a second of its connections, each way: 512K, 10M, …, or none")
                .offering("512K", "1M", "10M", "100M", "none")
                .with("--trust-host-cas", "trust the CA certificates that were added to this host");
    }

    /** The options that say how a command runs, which {@code exec} and {@code shell} have too. */
    static Verb declareProcess(Verb verb) {
        return verb.with("--env -e K[=V]", "set a variable; K alone copies it from your shell; can be repeated")
                .with("--env-file FILE", "a file of variables, K=V in each line; --env wins")
                .offering(Value.Kind.FILE)
                .with("--workdir -w --cwd DIR", "the working directory in the guest")
                .with("--user -u USER", "a user of the guest: NAME, UID, NAME:GROUP or UID:GID")
                .with("--timeout DUR", "kill it and its children after 500ms, 30s, 5m, …; exits 124")
                .offering("30s", "5m", "1h");
    }

    static @Nullable String workdir(Arguments arguments) {
        String directory = arguments.value("--workdir");
        if (directory != null && !directory.startsWith("/")) {
            String safe = Printable.of(directory);
            throw arguments.wrong("--workdir '" + safe + "' is not an absolute path: write --workdir /" + safe);
        }
        return directory;
    }

    static @Nullable Long timeoutMs(Arguments arguments) {
        return arguments.read(
                "--timeout",
                text -> LooseDuration.fine(text).filter(Duration::isPositive).map(Duration::toMillis),
                "--timeout 30s (or 500ms, 5m, 2h)");
    }

    /** What is asked for: an instance that stays. */
    static CreateInstance request(Arguments arguments, Session session) {
        return CreateInstanceBuilder.builder()
                .command(utf8(arguments))
                .handle(arguments.value("--name"))
                .imageRef(arguments.read("--image", text -> image(text, arguments)))
                .workspace(workspace(arguments))
                .volumes(given(arguments.values("--volume").stream()
                        .map(text -> volume(text, arguments))
                        .toList()))
                .env(given(environment(arguments)))
                .cwd(workdir(arguments))
                .user(arguments.value("--user"))
                .timeoutMs(timeoutMs(arguments))
                .secrets(given(secrets(arguments)))
                .exposes(given(arguments.values("--expose").stream()
                        .map(text -> port(text, arguments)
                                .orElseThrow(() -> arguments.malformed("--expose", text, RIGHT_EXPOSE)))
                        .toList()))
                .network(arguments.checked(
                        "--network", List.of(NETWORKS)::contains, "--network none, public, allow or open"))
                .allow(given(allowed(arguments)))
                .deny(given(arguments.values("--deny")))
                .policy(policy(arguments, session))
                .networkRate(arguments.value("--network-rate"))
                .trustHostCas(arguments.flag("--trust-host-cas"))
                .memoryMb(arguments.read("--memory", text -> memoryMb(text, arguments)))
                .vcpus(arguments.read(
                        "--cpus", InstanceOptions::vcpus, "--cpus N with N from 1 to " + VmLimits.MAX_VCPUS))
                .diskMb(arguments.read("--disk", text -> diskMb(text, arguments)))
                .idlePause(timeout("--idle-pause", arguments))
                .idleStop(timeout("--idle-stop", arguments))
                .ttl(timeout("--ttl", arguments))
                .labels(given(pairs("--label", arguments)))
                .autoRemove(arguments.flag("--rm"))
                .build();
    }

    /** What options say; null where there is none, so that a stored instance keeps what it has. */
    private static <T> @Nullable List<T> given(List<T> values) {
        return values.isEmpty() ? null : values;
    }

    private static @Nullable Map<String, String> given(Map<String, String> values) {
        return values.isEmpty() ? null : values;
    }

    static Optional<PortMapping> port(String text, Arguments arguments) {
        if (ADDRESS.matcher(text).lookingAt()) {
            throw arguments.wrong(
                    "'" + Printable.of(text) + "' names an address, but ports are open on 127.0.0.1 only: leave"
                            + " it out, and let other machines in by `ssh -L` or a reverse proxy on this host");
        }
        return PortMapping.read(text).filter(PortMapping::inRange);
    }

    private static List<String> secrets(Arguments arguments) {
        List<String> names = arguments.values("--secret");
        for (String name : names) {
            if (!name.equals(SecretName.ALL) && !SecretName.isOne(name.replaceFirst("@.+", ""))) {
                throw arguments.wrong(
                        "malformed --secret: write --secret KEY with the name of a secret, --secret KEY@HOST, or"
                                + " --secret '*' (--env K=V sets a variable)");
            }
        }
        return names;
    }

    /** An image, as the daemon finds it: it works in another directory than we do. */
    private static String image(String image, Arguments arguments) {
        if (image.isEmpty()) {
            throw arguments.wrong("--image is empty: write --image debian:13");
        }
        return ImageSource.of(image, "--image", arguments);
    }

    /** The command, which travels as JSON: bytes that are no UTF-8 would arrive as others. */
    static List<String> utf8(Arguments arguments) {
        for (String word : arguments.command()) {
            if (word.indexOf('\ufffd') >= 0) {
                throw arguments.wrong("an argument of the command is not UTF-8: '" + Printable.of(word) + "'");
            }
        }
        return arguments.command();
    }

    private static List<String> allowed(Arguments arguments) {
        Stream<String> callers = arguments.values("--accept-from").stream().map(name -> "from:" + name);
        return Stream.concat(arguments.values("--allow").stream(), callers).toList();
    }

    static Map<String, String> environment(Arguments arguments) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String file : arguments.values("--env-file")) {
            readEnvironment(file, arguments, environment);
        }
        environment.putAll(pairs("--env", arguments));
        return environment;
    }

    private static Map<String, String> pairs(String option, Arguments arguments) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : arguments.values(option)) {
            int equals = pair.indexOf('=');
            if (equals < 0 && option.equals("--env") && !pair.isEmpty()) {
                putOurs(pair, pairs);
            } else if (equals < 1) {
                String name = equals == 0 || pair.isEmpty() ? "NAME" : Printable.of(pair);
                throw arguments.malformed(option, pair, option + " " + name + "=VALUE");
            } else {
                pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return pairs;
    }

    /** Adds the variable with the value that we have; where we have none, it is left out. */
    private static void putOurs(String name, Map<String, String> environment) {
        Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
    }

    /**
     * Adds the variables of a file as Docker reads it: {@code NAME=VALUE} in each line, nothing unquoted or expanded;
     * {@code NAME} alone takes the value that we have; lines that are empty or begin with {@code #} say nothing.
     */
    private static void readEnvironment(String file, Arguments arguments, Map<String, String> environment) {
        int number = 0;
        for (String line : text("--env-file", file, arguments).split("\n", -1)) {
            number++;
            String entry = line.stripLeading();
            if (entry.isEmpty() || entry.charAt(0) == '#') {
                continue;
            }
            int equals = entry.indexOf('=');
            String name = equals < 0 ? entry.strip() : entry.substring(0, equals);
            if (name.isEmpty() || name.chars().anyMatch(Character::isWhitespace)) {
                throw arguments.wrong("--env-file: " + Printable.of(file + ":" + number) + " is not NAME=VALUE");
            }
            if (equals < 0) {
                putOurs(name, environment);
            } else {
                environment.put(name, entry.substring(equals + 1));
            }
        }
    }

    private static @Nullable String policy(Arguments arguments, Session session) {
        String file = arguments.value("--network-file");
        if ("-".equals(file) && arguments.has("--interactive")) {
            throw arguments.wrong("--network-file - and --interactive both want stdin: name a file");
        }
        return file == null ? null : policy("--network-file", file, arguments, session);
    }

    /** The text of a policy file, which the daemon reads; {@code -} is stdin. */
    static String policy(String what, String file, Arguments arguments, Session session) {
        if (!file.equals("-")) {
            return text(what, file, arguments);
        }
        try {
            return new String(session.console().in().readNBytes(LONGEST_POLICY + 1), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw arguments.wrong(what + ": cannot read stdin: " + Printable.of(HostError.reason(broken)));
        }
    }

    private static String text(String what, String file, Arguments arguments) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException unreadable) {
            throw arguments.wrong(
                    what + ": cannot read " + Printable.of(file) + ": " + Printable.of(HostError.reason(unreadable)));
        }
    }

    private static @Nullable String timeout(String option, Arguments arguments) {
        String right = option + " 90s (or 5m, 2h, 1d), or " + option + " never";
        return arguments.checked(option, text -> IdleTimeout.read(text).isPresent(), right);
    }

    static @Nullable String workspace(Arguments arguments) {
        String text = arguments.value("--workspace");
        if (text != null && (text.isEmpty() || text.equals(":ro") || text.indexOf('\ufffd') >= 0)) {
            throw arguments.malformed("--workspace", text, "--workspace NAME, or --workspace ./DIRECTORY");
        }
        return text == null ? null : absolute(text);
    }

    private static String volume(String text, Arguments arguments) {
        int colon = text.lastIndexOf(":/");
        if (colon < 1 || text.indexOf('\ufffd') >= 0) {
            throw arguments.malformed("--volume", text, "--volume ./DIRECTORY:/GUEST, or --volume NAME:/GUEST");
        }
        return absolute(text.substring(0, colon)) + text.substring(colon);
    }

    /** A path is absolute, since the daemon has another working directory. */
    private static String absolute(String text) {
        boolean relative = !text.startsWith("~") && (text.startsWith(".") || text.indexOf('/') > 0);
        return relative
                ? Path.of("").toAbsolutePath() + "/" + text
                : AegisHome.expanded(text, AegisHome.user(System.getenv()));
    }

    private static int memoryMb(String text, Arguments arguments) {
        int megabytes = megabytes(text, "--memory", "--memory 512M or --memory 1G", arguments);
        long next = 2L * Integer.highestOneBit(Math.max(1, megabytes - 1));
        int step = Math.clamp(next, VmLimits.MIN_MEMORY_MB, VmLimits.MAX_MEMORY_MB);
        if (step != megabytes) {
            throw arguments.wrong(
                    "--memory '" + text + "' is not one of 256M, 512M, 1G, 2G, …, 64G; write --memory " + step + "M");
        }
        return megabytes;
    }

    private static int diskMb(String text, Arguments arguments) {
        int megabytes = megabytes(text, "--disk", "--disk 512M or --disk 8G", arguments);
        if (megabytes < VmLimits.MIN_DISK_MB || megabytes > VmLimits.MAX_DISK_MB) {
            throw arguments.wrong("--disk '" + text + "' is not between 64M and 64G; write --disk "
                    + (megabytes < VmLimits.MIN_DISK_MB ? "64M" : "64G"));
        }
        return megabytes;
    }

    private static int megabytes(String text, String option, String right, Arguments arguments) {
        boolean gigabytes = text.endsWith("G") || text.endsWith("g");
        boolean unit = gigabytes || text.endsWith("M") || text.endsWith("m");
        int value = number(unit ? text.substring(0, text.length() - 1) : text)
                .orElseThrow(() -> arguments.malformed(option, text, right));
        return (int) Math.min(Integer.MAX_VALUE, value * (gigabytes ? 1024L : 1L));
    }

    private static Optional<Integer> vcpus(String text) {
        return number(text).filter(value -> value >= 1 && value <= VmLimits.MAX_VCPUS);
    }

    static Optional<Integer> number(String text) {
        return text.matches("[0-9]{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }
}
