package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.InstanceViewBuilder;

/** The directories of the host that an instance has: its workspace, at {@link Workspace#GUEST_PATH}, and others. */
public record Mounts(Optional<Workspace> workspace, List<Volume> volumes) {
    public static final Mounts NONE = new Mounts(Optional.empty(), List.of());

    public Mounts {
        volumes = List.copyOf(volumes);
    }

    void show(InstanceViewBuilder view) {
        view.workspace(workspace.map(Workspace::text).orElse(null))
                .volumes(volumes.stream().map(Volume::text).toList());
    }

    /** Those that stay the host's, in the order in which the guest mounts them: one before those below it. */
    public List<Volume> shared() {
        Optional<Workspace> shared = workspace.filter(own -> !own.isCopy());
        return Stream.concat(shared.map(own -> new Volume(own, Workspace.GUEST_PATH)).stream(), volumes.stream())
                .sorted(Comparator.comparing(Volume::guestPath))
                .toList();
    }

    /** A directory of the host for {@link #GUEST_PATH}: by a name, or by an absolute path. */
    public record Workspace(String source, Access access) {
        public enum Access {
            SHARED(""),
            /** The guest cannot change it. */
            READ_ONLY(":ro"),
            /** A copy of its own, made when the instance is. */
            COPY(":copy"),
            /** The same, of what git tracks, and of what is new and not ignored. */
            COPY_GIT(":copy,git");

            private final String suffix;

            Access(String suffix) {
                this.suffix = suffix;
            }

            /** What a text says by its end. */
            private static Access of(String text) {
                return Stream.of(READ_ONLY, COPY, COPY_GIT)
                        .filter(each -> text.endsWith(each.suffix))
                        .findFirst()
                        .orElse(SHARED);
            }
        }

        public static final String GUEST_PATH = "/workspace";

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
        private static final String READ_ONLY = Access.READ_ONLY.suffix;

        public boolean readOnly() {
            return access == Access.READ_ONLY;
        }

        /** Whether it is no directory of the host any more once the instance has it. */
        public boolean isCopy() {
            return access == Access.COPY || access == Access.COPY_GIT;
        }

        /**
         * Reads {@code NAME}, {@code /PATH}, or either with {@code :ro}, {@code :copy} or {@code :copy,git} behind it;
         * else throws. A path that itself ends in that is written with a slash at its end.
         */
        public static Workspace parse(String text) {
            Access access = Access.of(text);
            String source = text.substring(0, text.length() - access.suffix.length());
            if (source.startsWith("/")) {
                return new Workspace(Path.of(source).toString(), access);
            }
            if (source.indexOf('/') >= 0 || source.startsWith(".") || source.startsWith("~")) {
                throw new IllegalArgumentException("the workspace '" + source + "' must be an absolute path");
            }
            if (!NAME.matcher(source).matches()) {
                throw new IllegalArgumentException(
                        "the workspace '" + source + "' is not a valid name: use letters, digits, '-', '_' and '.',"
                                + " at most 63, a letter or digit first");
            }
            return new Workspace(source, access);
        }

        public boolean isPath() {
            return source.startsWith("/");
        }

        /** What {@link #parse} makes this of. */
        public String text() {
            return (Access.of(source) == Access.SHARED ? source : source + "/") + access.suffix;
        }
    }

    /** A directory of the host, and the absolute path ({@value #LONGEST} characters at most) that a guest has it at. */
    public record Volume(Workspace source, String guestPath) {
        private static final int LONGEST = 1024;
        private static final Pattern FORM = Pattern.compile("(.+):(/[^:]*)(:ro|:rw)?", Pattern.DOTALL);
        /** What the guest's kernel has there must stay. */
        private static final Set<String> KERNELS = Set.of("proc", "sys", "dev");

        /** Reads {@code NAME:/GUEST} or {@code /PATH:/GUEST}, with {@code :ro} or without; else throws. */
        public static Volume parse(String text) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "the volume '" + text + "' must be WHERE:GUEST, with an absolute guest path");
            }
            Path guest = Path.of(parts.group(2)).normalize();
            if (guest.getNameCount() == 0
                    || guest.toString().length() > LONGEST
                    || KERNELS.contains(guest.getName(0).toString())) {
                throw new IllegalArgumentException("a volume cannot be mounted at " + guest + " in the guest");
            }
            String readOnly = Workspace.READ_ONLY.equals(parts.group(3)) ? Workspace.READ_ONLY : "";
            return new Volume(Workspace.parse(parts.group(1) + readOnly), guest.toString());
        }

        /** What {@link #parse} makes this of. */
        public String text() {
            return new Workspace(source.source(), Workspace.Access.SHARED).text() + ":" + guestPath
                    + (source.readOnly() ? Workspace.READ_ONLY : "");
        }
    }
}
