package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.LayerReader.LayerEntry;
import org.jspecify.annotations.Nullable;

/**
 * Merges layers, the lowest first. A whiteout hides what lower layers have, wherever it is in its own layer. A symbolic
 * link on the way to a name is followed inside the image, as other tools do.
 */
final class LayerMerge {
    /** As many links as the kernel follows. */
    private static final int MAX_LINKS = 40;

    private final Budget budget;
    /** The files that have, or had, several names. */
    private final Set<Inode> shared = Collections.newSetFromMap(new IdentityHashMap<>());

    private Inode root = Inode.impliedDirectory();

    LayerMerge(Budget budget) {
        this.budget = budget;
    }

    Inode root() {
        return root;
    }

    Set<Inode> shared() {
        return shared;
    }

    void add(List<LayerEntry> layer) throws ImageException {
        for (LayerEntry entry : layer) {
            switch (entry) {
                case LayerEntry.Whiteout(EntryName name) ->
                    namesIn(name.parent()).remove(name.last());
                case LayerEntry.Opaque(EntryName directory) ->
                    namesIn(directory).clear();
                case LayerEntry.Put _, LayerEntry.HardLink _ -> {}
            }
        }
        for (LayerEntry entry : layer) {
            switch (entry) {
                case LayerEntry.Put(EntryName name, Inode inode) -> put(name, inode);
                case LayerEntry.HardLink(EntryName name, EntryName target) -> link(name, target);
                case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> {}
            }
        }
    }

    /** Creates a directory with its parents where they are missing. Other files in the way stay. */
    void addDirectory(EntryName name) throws ImageException {
        EntryName made = new EntryName("");
        for (String part : name.parts()) {
            Inode parent = walk(made, false);
            if (parent == null || !parent.isDirectory()) {
                return;
            }
            parent.children().computeIfAbsent(part, missing -> Inode.impliedDirectory());
            made = new EntryName(made.isRoot() ? part : made.path() + "/" + part);
        }
    }

    /** The names in a directory; none where there is no such directory. */
    private Map<String, Inode> namesIn(EntryName name) throws ImageException {
        Inode directory = walk(name, false);
        return directory != null && directory.isDirectory() ? directory.children() : new HashMap<>();
    }

    private void put(EntryName name, Inode inode) throws ImageException {
        if (name.isRoot()) {
            if (!inode.isDirectory()) {
                throw ImageException.broken("a layer replaces the root directory with a file");
            }
            root = root.replacedBy(inode);
            return;
        }
        Inode parent = Objects.requireNonNull(walk(name.parent(), true));
        parent.children().merge(name.last(), inode, Inode::replacedBy);
    }

    private void link(EntryName name, EntryName target) throws ImageException {
        Inode there = target.isRoot() ? null : namesIn(target.parent()).get(target.last());
        if (there == null || there.isDirectory()) {
            throw ImageException.broken("the hard link " + name + " in a layer points to " + target
                    + (there == null ? ", which does not exist" : ", a directory"));
        }
        shared.add(there);
        put(name, there);
    }

    /** The directory of a name, if the tree has it or it is to be made. */
    private @Nullable Inode walk(EntryName name, boolean make) throws ImageException {
        Deque<String> ahead = new ArrayDeque<>(name.parts());
        List<Inode> path = new ArrayList<>(List.of(root));
        int links = 0;
        budget.steps(ahead.size());
        while (!ahead.isEmpty()) {
            String part = ahead.pop();
            if (part.equals("..")) {
                if (path.size() > 1) {
                    path.removeLast();
                }
                continue;
            }
            Inode next = step(path.getLast(), part, make);
            if (next == null) {
                return null;
            }
            if (next.content() instanceof Inode.Content.Symlink(String target)) {
                if (++links > MAX_LINKS) {
                    throw ImageException.broken("the path " + name + " in a layer has too many symbolic links");
                }
                follow(target, ahead, path);
            } else {
                path.add(next);
            }
        }
        return path.getLast();
    }

    /** Descends by one name. With {@code make}, a missing directory is created and replaces other files. */
    private @Nullable Inode step(Inode from, String part, boolean make) throws ImageException {
        Inode next = from.children().get(part);
        boolean passable = next != null && (next.isDirectory() || next.content() instanceof Inode.Content.Symlink);
        if (passable || !make) {
            return passable ? next : null;
        }
        budget.impliedDirectory();
        Inode made = Inode.impliedDirectory();
        from.children().put(part, made);
        return made;
    }

    private void follow(String target, Deque<String> ahead, List<Inode> path) throws ImageException {
        if (target.startsWith("/")) {
            path.clear();
            path.add(root);
        }
        List<String> parts = List.of(target.split("/", -1));
        budget.steps(parts.size());
        for (String part : parts.reversed()) {
            if (!part.isEmpty() && !part.equals(".")) {
                ahead.push(part);
            }
        }
    }
}
