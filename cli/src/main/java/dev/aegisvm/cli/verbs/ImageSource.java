package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ImageViews.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;

/** What a user calls an image, a name or a file or directory of this host; and how it comes into the cache. */
final class ImageSource {
    static final String UNFINISHED = "an unfinished image is not kept, unless another command waits for it";

    private static final String LAYOUT = "oci:";
    private static final String ARCHIVE = "docker-archive:";
    /** How a file or directory begins, and no name of an image. */
    private static final Pattern PATH = Pattern.compile("(?:\\.{0,2}/|~|(?:docker|oci)-archive:).*|\\.{1,2}");

    private ImageSource() {}

    /**
     * A name as it is, {@code oci:/DIRECTORY}, or {@code docker-archive:/FILE}; absolute, since the daemon has another
     * working directory. Errors name the option.
     */
    static String of(String text, String option, Arguments arguments) {
        boolean file = PATH.matcher(text).matches() || Files.isRegularFile(Path.of(text));
        return file ? file(text, option, arguments) : layout(text);
    }

    /** The same of a file or a directory. */
    static String file(String text, String option, Arguments arguments) {
        if (text.startsWith(LAYOUT)) {
            return layout(text);
        }
        String path = absolute(text.replaceFirst("^(?:docker|oci)-archive:", ""));
        if (Files.notExists(Path.of(path))) {
            throw arguments.wrong(option + ": there is no file " + Printable.of(path));
        }
        return (Files.isDirectory(Path.of(path)) ? LAYOUT : ARCHIVE) + path;
    }

    /** A name, in which the directory of a layout is absolute. */
    static String layout(String text) {
        return text.length() > LAYOUT.length() && text.startsWith(LAYOUT)
                ? LAYOUT + absolute(text.substring(LAYOUT.length()))
                : text;
    }

    static String absolute(String text) {
        Path path = Path.of(AegisHome.expanded(text, AegisHome.user(System.getenv())));
        return path.toAbsolutePath().normalize().toString();
    }

    /** Has the daemon fetch (only if it is missing) or load what {@link #of} gave; gives the images, one at least. */
    static List<ImageView> fetch(String source, boolean missing, Session session) throws IOException {
        String path = source.startsWith(ARCHIVE) ? source.substring(ARCHIVE.length()) : "";
        return path.isEmpty()
                ? follow(Routes.PULL_IMAGE.with(new PullImage(source, missing)), session, "pulling " + source)
                : follow(Routes.LOAD_IMAGES.with(new LoadImages(path)), session, "loading " + path);
    }

    /**
     * Sees that the image of a new instance is here, and shows how it comes if it is not: a create would be silent
     * about it. A request that has a file for its image gets the name of the image in that file.
     */
    static CreateInstance fetchFor(CreateInstance request, Session session) throws IOException {
        String source = request.imageRef();
        if (source == null) {
            return request;
        }
        List<String> names = fetch(source, true, session).stream()
                .map(image ->
                        image.names().isEmpty() ? image.digest() : image.names().getFirst())
                .toList();
        if (!source.startsWith(ARCHIVE)) {
            return request;
        }
        if (names.size() > 1) {
            throw new Arguments.Mistake("aegis: loaded " + names.size() + " images from "
                    + Printable.of(source) + "; choose one with --image: "
                    + Printable.of(String.join(", ", names)));
        }
        return request.withImageRef(names.getFirst());
    }

    /** Waits for the end of what is being done ({@code pulling debian:13}); gives the images, one at least. */
    static List<ImageView> follow(RouteCall<ImageProgress> call, Session session, String what) throws IOException {
        DaemonClient daemon = session.daemon();
        String safe = Printable.of(what);
        long since = System.nanoTime();
        AtomicBoolean told = new AtomicBoolean(Console.errIsTerminal());
        try (StatusLine status = StatusLine.on(session.console())) {
            return daemon.images(call, progress -> {
                if (told.compareAndSet(false, true)) {
                    session.note(what + "…");
                }
                status.show(safe + ": " + how(progress, since));
            });
        }
    }

    private static String how(ImageProgress progress, long since) {
        if (!"downloading".equals(progress.phase())) {
            return "making its file system";
        }
        long done = Objects.requireNonNullElse(progress.doneBytes(), 0L);
        return Printable.progress(done, Objects.requireNonNullElse(progress.totalBytes(), 0L), since);
    }
}
