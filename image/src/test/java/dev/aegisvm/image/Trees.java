package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.testkit.Tool;

/** Writes down a tree of files, so that two can be compared: type, mode, owner, size, content, links, attributes. */
final class Trees {
    private Trees() {}

    static Map<String, String> of(Path root) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        Map<Object, String> firstNames = new HashMap<>();
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted().toList();
        }
        for (Path path : paths) {
            String name = "/" + root.relativize(path);
            tree.put(name, describe(path, name, firstNames));
        }
        return tree;
    }

    @SuppressWarnings("checkstyle:MapOfObjects")
    private static String describe(Path path, String name, Map<Object, String> firstNames) throws IOException {
        Map<String, Object> stat =
                Files.readAttributes(path, "unix:mode,uid,gid,size,rdev,ino,nlink", LinkOption.NOFOLLOW_LINKS);
        String text = Integer.toOctalString((Integer) Objects.requireNonNull(stat.get("mode"))) + " " + stat.get("uid")
                + ":" + stat.get("gid");
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return text + attributes(path);
        }
        String first = firstNames.computeIfAbsent(Objects.requireNonNull(stat.get("ino")), inode -> name);
        text += " rdev=" + stat.get("rdev") + " links=" + stat.get("nlink") + " same-as=" + first;
        if (Files.isSymbolicLink(path)) {
            return text + " -> " + Files.readSymbolicLink(path);
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            text += " size=" + stat.get("size") + " " + Digest.of(Files.readAllBytes(path));
        }
        return text + attributes(path);
    }

    private static String attributes(Path path) throws IOException {
        String listed = Tool.run("getfattr", "--absolute-names", "-h", "-d", "-m", "-", "-e", "hex", path.toString());
        // The first line names the file; the last attribute is where umoci, when root does not run it, keeps an owner.
        String attributes = listed.lines()
                .skip(1)
                .filter(line -> !line.startsWith("user.rootlesscontainers="))
                .collect(Collectors.joining(" "))
                .strip();
        return attributes.isEmpty() ? "" : " " + attributes;
    }
}
