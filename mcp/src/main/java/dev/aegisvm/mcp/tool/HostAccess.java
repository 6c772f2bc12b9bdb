package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;
import org.tomlj.*;

/**
 * What of the host a model may use. Directories, to show them to a guest and copy from and to: those that the client names as its
 * roots, or else the directory in which the server was started; and those that {@code mcp.workspaces} in config.toml names, for
 * reading where an entry does not end in {@code :rw}. Never what keys and AegisVM's own files are in. Ports: those that a person
 * names in config.toml, which is read at each call.
 */
public final class HostAccess {
    private static final List<String> KEYS = List.of(".ssh", ".gnupg", ".aws");
    private static final String WORKSPACES = "mcp.workspaces";
    private static final Pattern WORKSPACE = Pattern.compile(":(ro|copy(,git)?)$");

    /** As hints.txt has it. */
    private static final Pattern ASK_FOR_PORT =
            Pattern.compile("a person has to write mcp\\.allow_host_ports = \\[(\\d{1,5})] into config\\.toml, then ");

    private final AegisHome home;
    private final Path user;
    private final Path here;
    private final Supplier<Optional<List<String>>> roots;

    /**
     * A place of the host, without symlinks.
     *
     * @param within the allowed directory that it is in, or that it is
     */
    public record Place(Path path, boolean writable, Path within) {
        /**
         * Holds a directory on the way to it open, which is entered from the allowed one by no symlink: a guest that may write
         * there cannot lead us elsewhere.
         */
        public HostDirectory hold(Path directory) throws IOException {
            if (!directory.startsWith(within)) {
                return HostDirectory.openItself(directory);
            }
            HostDirectory held = HostDirectory.openItself(within);
            for (Path step : within.relativize(directory)) {
                try (HostDirectory above = held) {
                    held = step.toString().isEmpty() ? above.enter(".") : above.enter(step.toString());
                }
            }
            return held;
        }
    }

    /** @param roots URIs of what the client works with; empty where it does not tell */
    public HostAccess(AegisHome home, Map<String, String> environment, Supplier<Optional<List<String>>> roots) {
        this.home = home;
        this.user = AegisHome.user(environment);
        this.here = Path.of("").toAbsolutePath();
        this.roots = roots;
    }

    /**
     * A workspace as the daemon takes it: a name is as it was, a directory has to be allowed, and becomes read-only where it may
     * not be written and is not copied.
     */
    public String workspace(String asked) throws IOException {
        Matcher form = WORKSPACE.matcher(asked);
        String path = form.replaceFirst("");
        if (isName(path)) {
            return asked;
        }
        Place place = place(path);
        return place.path() + (form.reset().find() ? form.group() : place.writable() ? "" : ":ro");
    }

    private static boolean isName(String path) {
        return !path.contains("/") && !path.startsWith(".") && !path.startsWith("~");
    }

    /** Tells which of both was taken where a workspace is called as a directory of the project is; null where none is. */
    @Nullable
    public String note(String asked) throws IOException {
        String name = WORKSPACE.matcher(asked).replaceFirst("");
        for (Place place : isName(name) ? allowed() : List.<Place>of()) {
            Path directory = place.path().resolve(name);
            if (Files.isDirectory(directory)) {
                return "/workspace is the workspace with this name, and not the directory " + directory
                        + "; to copy that directory, use " + directory + ":copy";
            }
        }
        return null;
    }

    /** What is at a path of the host, if that is allowed. */
    public Place place(String asked) throws IOException {
        Path path = real(resolved(asked));
        List<Place> all = allowed();
        List<Place> above =
                all.stream().filter(each -> path.startsWith(each.path())).toList();
        if (above.isEmpty() || isForbidden(path)) {
            String allowed = all.isEmpty()
                    ? "none"
                    : all.stream().map(each -> each.path().toString()).collect(Collectors.joining(", "));
            throw ErrorCode.BAD_REQUEST.refusal(
                    "access to " + path + " on this host is not allowed; allowed directories: " + allowed,
                    "use one of these, a workspace with a name, or file_write; a person can allow more in "
                            + home.config() + ": " + WORKSPACES + " = [\"/a/directory:rw\"]");
        }
        return new Place(
                path, above.stream().anyMatch(Place::writable), above.getFirst().path());
    }

    /** A path as it is meant: {@code ~} is the user's home, and others begin where the server was started. */
    public Path resolved(String asked) {
        return here.resolve(AegisHome.expanded(asked, user));
    }

    private static Path real(Path path) throws IOException {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException missing) {
            throw ErrorCode.BAD_REQUEST.refusal("there is no " + path + " on this host", missing);
        } catch (FileSystemException obstacle) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    path + " of this host cannot be used: " + HostError.reason(obstacle), obstacle);
        }
    }

    private List<Place> allowed() throws IOException {
        List<Place> all = new ArrayList<>();
        Optional<List<String>> told = roots.get();
        for (String uri : told.orElse(List.of(here.toUri().toString()))) {
            if (uri.startsWith("file:///")) {
                add(all, directory(uri), true);
            }
        }
        for (String entry : list(WORKSPACES, String.class, "[\"/a/directory:rw\"]")) {
            boolean writable = entry.endsWith(":rw");
            String path = writable || entry.endsWith(":ro") ? entry.substring(0, entry.length() - 3) : entry;
            add(all, Path.of(AegisHome.expanded(path, user)), writable);
        }
        return all;
    }

    /** Ports of this host that rules of a tool may open to a guest. */
    public List<Integer> ports() throws IOException {
        return list("mcp.allow_host_ports", Long.class, "[8080]").stream()
                .filter(port -> port > 0 && port <= PortMapping.MAX_PORT)
                .map(Long::intValue)
                .toList();
    }

    /** A message for a model, without asking a person for what is allowed. */
    public String told(String message) throws IOException {
        List<Integer> allowed = ports();
        return ASK_FOR_PORT
                .matcher(message)
                .replaceAll(ask -> allowed.contains(Integer.valueOf(ask.group(1))) ? "" : "$0");
    }

    private <T> List<T> list(String key, Class<T> kind, String example) throws IOException {
        Path file = home.config();
        if (Files.notExists(file)) {
            return List.of();
        }
        TomlParseResult config = Toml.parse(file);
        Object found = config.hasErrors() ? "" : config.get(key);
        List<Object> entries = found instanceof TomlArray array ? array.toList() : List.of();
        if (found != null && (!(found instanceof TomlArray) || !entries.stream().allMatch(kind::isInstance))) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    key + " in " + file + " must be a list such as " + example, "ask the person to correct it");
        }
        return entries.stream().map(kind::cast).toList();
    }

    /** Some clients write blanks and the like as they are. */
    private static Path directory(String uri) {
        try {
            return Path.of(URI.create(uri).getPath());
        } catch (IllegalArgumentException noUri) {
            return Path.of(uri.substring("file://".length()));
        }
    }

    private void add(List<Place> all, Path path, boolean writable) throws IOException {
        if (Files.isDirectory(path) && !isForbidden(path.toRealPath())) {
            all.add(new Place(path.toRealPath(), writable, path.toRealPath()));
        }
    }

    /** What has keys or AegisVM's own files in it, below it, or above it; and the user's home as a whole. */
    private boolean isForbidden(Path path) throws IOException {
        List<Path> secret = new ArrayList<>(List.of(home.root(), home.cache()));
        KEYS.forEach(name -> secret.add(user.resolve(name)));
        for (Path each : secret) {
            Path real = Files.exists(each) ? each.toRealPath() : each;
            if (path.startsWith(real) || real.startsWith(path)) {
                return true;
            }
        }
        return (Files.exists(user) ? user.toRealPath() : user).startsWith(path);
    }
}
