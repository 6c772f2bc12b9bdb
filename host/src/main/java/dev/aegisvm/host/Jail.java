package dev.aegisvm.host;

import module java.base;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * What stands around a program that is not trusted, built by {@code aegis-jail}: namespaces, a root with nothing
 * in it but its {@link Cell}, a uid of its own where we are root, Landlock, a filter of system calls, no rights. Where
 * the host has no namespaces for us, the other walls stand.
 */
public final class Jail {
    public static final String PROGRAM = "aegis-jail";

    private static final System.Logger LOG = System.getLogger(Jail.class.getName());
    private static final String NAMESPACES = "namespaces";
    private static final String USR = "/usr";
    private static final Path LIBRARY_CACHE = Path.of("/etc/ld.so.cache");

    private final Path launcher;
    private final Rules rules;
    private final List<Path> places;
    private @Nullable List<Wall> walls;

    /**
     * What there is beside what each program is given.
     *
     * @param uids whom the programs of root's daemon are to be
     * @param required whether a program that would lack a wall is not started
     */
    public record Rules(Uids uids, Cgroup memory, boolean required) {}

    /**
     * @param launcher the program {@value #PROGRAM}
     * @param places directories that lie where programs will have their files
     */
    public Jail(Path launcher, Rules rules, List<Path> places) {
        this.launcher = launcher;
        this.rules = rules;
        this.places = List.copyOf(places);
    }

    /**
     * Each wall that a host may lack, tried out by the first who asks.
     *
     * @throws IOException if the launcher cannot be run
     */
    public synchronized List<Wall> walls() throws IOException {
        if (walls == null) {
            walls = tryOut();
        }
        return walls;
    }

    private List<Wall> tryOut() throws IOException {
        List<String> options =
                new ArrayList<>(List.of("--uid", Integer.toString(rules.uids().any())));
        places.stream().filter(Files::exists).forEach(place -> options.addAll(List.of("--ro", place.toString())));
        List<String> said = said(options);
        Optional<String> obstacle = said.stream()
                .filter(line -> line.startsWith(Jailed.ERROR))
                .map(line -> line.substring(Jailed.ERROR.length()))
                .findFirst();
        List<Wall> found = new ArrayList<>();
        if (obstacle.isPresent()) {
            found.add(new Wall(NAMESPACES, false, obstacle.get()));
            options.add("--no-namespaces");
            said = said(options);
        }
        said.stream().filter(Wall::isSaidBy).map(Wall::parse).forEach(found::add);
        return List.copyOf(found);
    }

    private List<String> said(List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(options);
        Process process = Program.prepared(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        return process.inputReader(StandardCharsets.UTF_8).readAllLines();
    }

    private boolean stands(String wall) throws IOException {
        return walls().stream().anyMatch(each -> each.name().equals(wall) && each.stands());
    }

    /** Which walls this host lacks, and which stand all the same; empty if none is missing. */
    public Optional<String> lacks() throws IOException {
        String missing = Wall.lacks(walls());
        String standing = walls().stream()
                .filter(Wall::stands)
                .map(wall -> wall.name() + ", ")
                .collect(Collectors.joining());
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("VMs are not isolated by: " + missing + "; they are isolated by: " + standing
                        + "a system call filter, dropped capabilities");
    }

    /**
     * What stands around each program, by name: {@code yes}, or why not. Only what a host may lack is in it, with the
     * limit on memory, which no host has to have.
     */
    public Map<String, String> report() {
        Map<String, String> report = new TreeMap<>();
        try {
            Stream.concat(walls().stream(), Stream.of(rules.memory().wall()))
                    .forEach(wall -> report.put(wall.name(), wall.says()));
        } catch (IOException obstacle) {
            report.put(PROGRAM, "no: " + obstacle.getMessage());
        }
        return report;
    }

    /** Whether a program in the jail has a root of its own. */
    public boolean hasRoot() throws IOException {
        return stands(NAMESPACES);
    }

    /**
     * Starts a program. Of our environment it gets {@code PATH} alone.
     *
     * @param usr what it has as {@code /usr}, with its libraries; where that is empty or it has no root of its own, the
     *     host's
     * @param command the program's name and its arguments
     * @throws IOException if it cannot be started; the message says why
     */
    public Jailed start(Optional<Path> usr, Cell cell, List<String> command) throws IOException {
        OptionalInt uid = stands("uid") ? rules.uids().take() : OptionalInt.empty();
        List<String> all = new ArrayList<>(List.of(launcher.toString()));
        uid.ifPresent(own -> all.addAll(List.of("--uid", Integer.toString(own))));
        if (!hasRoot()) {
            all.add("--no-namespaces");
        }
        all.addAll(cell.options());
        all.addAll(program(usr, command));
        Jailed started = launched(all, cell.input(), () -> uid.ifPresent(rules.uids()::giveBack));
        try {
            Runnable removeLimit = rules.memory().limit(started.identity().pid(), cell.memoryBytes());
            var _ = started.exit().thenRun(removeLimit);
            requireWalls(started, command);
            return started;
        } catch (IOException e) {
            started.kill();
            throw e;
        }
    }

    /** @param ended is done once: when the program has ended, or could not be started */
    private Jailed launched(List<String> command, Cell.Input input, Runnable ended) throws IOException {
        try {
            ProcessBuilder builder = Program.prepared(command).redirectErrorStream(false);
            if (input == Cell.Input.NOTHING) {
                builder.redirectInput(Path.of("/dev/null").toFile());
            }
            Jailed started = Jailed.of(builder.start(), walls());
            var _ = started.exit().thenRun(ended);
            return started;
        } catch (IOException e) {
            ended.run();
            throw e;
        }
    }

    private void requireWalls(Jailed started, List<String> command) throws IOException {
        List<Wall> missing = started.missing();
        if (missing.isEmpty()) {
            return;
        }
        String what = Wall.lacks(missing);
        if (rules.required()) {
            throw new IOException("require_jail is set, and this VM would not be isolated by " + what);
        }
        LOG.log(Level.WARNING, "not isolated by " + what + ": " + String.join(" ", command));
    }

    private List<String> program(Optional<Path> usr, List<String> command) throws IOException {
        List<String> all = new ArrayList<>();
        List<String> program = new ArrayList<>(command);
        if (usr.isPresent() && hasRoot()) {
            all.addAll(List.of("--usr", usr.get().toString()));
            program.set(0, USR + "/bin/" + command.getFirst());
        } else {
            program.set(0, Program.located(command).getFirst());
            all.addAll(List.of("--usr", USR, "--program", program.getFirst()));
            if (Files.exists(LIBRARY_CACHE)) {
                all.addAll(List.of("--ro", LIBRARY_CACHE.toString()));
            }
        }
        all.add("--");
        all.addAll(program);
        return all;
    }

    /** Whom root's programs outside the jail become; empty where we are not root, or have no uid for them. */
    public OptionalInt commonUid() throws IOException {
        return PrivateDirectory.ourUid() == 0 ? rules.uids().common() : OptionalInt.empty();
    }

    /**
     * The command that runs a program with walls of its own: it gets a session of its own, limits and no new
     * privileges.
     *
     * @param command the program's name, and its arguments
     */
    public List<String> plain(List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of(launcher.toString(), "--plain", "--"));
        all.addAll(Program.located(command));
        return all;
    }
}
