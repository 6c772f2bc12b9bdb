package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.image.rootfs.Digest;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;

/** The images on disk: a directory for each digest, which appears by one rename, and a file for each name. */
public final class ImageStore {
    private static final JsonType<StoredImage> JSON = Jsonb.builder().build().type(StoredImage.class);
    private static final String FACTS = "image.json";

    private final Path images;
    private final Path names;

    public ImageStore(Path directory) throws IOException {
        this.images = directory.resolve("by-digest");
        this.names = directory.resolve("by-name");
        Files.createDirectories(images);
        Files.createDirectories(names);
    }

    public Optional<Image> find(String digest) throws ImageException {
        return read(directory(digest), namesByDigest());
    }

    /** The image that a name led to when it was last looked up, if it is here. */
    Optional<Image> named(String name) throws ImageException {
        try {
            List<String> lines = Files.readAllLines(nameFile(name));
            return lines.size() < 2 ? Optional.empty() : find(lines.get(1));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw ImageException.storage("read the names of images", e);
        }
    }

    /** All images, the newest first. */
    public List<Image> list() throws ImageException {
        Map<String, List<String>> named = namesByDigest();
        List<Image> found = new ArrayList<>();
        for (Path directory : ImageException.doing("list the images", () -> PrivateDirectory.list(images))) {
            read(directory, named).ifPresent(found::add);
        }
        found.sort(Comparator.comparing(Image::created).reversed());
        return found;
    }

    /** Gives an image a name, which another image may have had. */
    public void name(String name, String digest) throws ImageException {
        ImageException.doing("store the name of an image", () -> {
            Path fresh = Files.createTempFile(names, ".", "");
            Files.writeString(fresh, name + "\n" + digest + "\n");
            return Files.move(fresh, nameFile(name), StandardCopyOption.ATOMIC_MOVE);
        });
    }

    public void forget(String name) throws ImageException {
        ImageException.doing("remove the name of an image", () -> Files.deleteIfExists(nameFile(name)));
    }

    /**
     * Where to write the root file system of a new image, in a directory that is then given to {@link #add}. The name
     * is new each time: a file system that is built again can have another layout, and VMs were saved with the old one
     * mounted.
     */
    public static Path newRootIn(Path made) {
        return made.resolve("root-" + Long.toHexString(System.currentTimeMillis()) + ".erofs");
    }

    public Image add(Path made, String digest, Path root, long size, Image.Config config) throws ImageException {
        StoredImage facts = new StoredImage(
                digest,
                root.getFileName().toString(),
                size,
                Instant.now().toString(),
                config.env(),
                config.workdir(),
                config.user(),
                config.entrypoint(),
                config.cmd());
        return ImageException.doing("store an image", () -> {
            Files.writeString(made.resolve(FACTS), JSON.toJson(facts));
            if (!root.toFile().setReadOnly()) {
                throw new IOException("cannot make the file system read-only");
            }
            PrivateDirectory.remove(directory(digest));
            Path directory = Files.move(made, directory(digest), StandardCopyOption.ATOMIC_MOVE);
            return facts.image(directory, namesByDigest());
        });
    }

    /** Deletes an image and all its names. VMs that run from it keep its file open. */
    public void delete(Image image) throws ImageException {
        for (String name : image.names()) {
            forget(name);
        }
        ImageException.doing("delete an image", () -> {
            PrivateDirectory.remove(directory(image.digest()));
            return image;
        });
    }

    private Optional<Image> read(Path directory, Map<String, List<String>> named) throws ImageException {
        try {
            StoredImage facts = JSON.fromJson(Files.readString(directory.resolve(FACTS)));
            return Optional.of(facts.image(directory, named));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw ImageException.storage("read an image", e);
        } catch (JsonException | IllegalStateException | NullPointerException damaged) {
            // It will be pulled again.
            return Optional.empty();
        }
    }

    private Map<String, List<String>> namesByDigest() throws ImageException {
        return ImageException.doing("read the names of images", () -> {
            Map<String, List<String>> found = new HashMap<>();
            for (Path file : PrivateDirectory.list(names)) {
                // One that is hidden is being written.
                List<String> lines = Files.isHidden(file) ? List.of() : Files.readAllLines(file);
                if (lines.size() >= 2) {
                    found.computeIfAbsent(lines.get(1), d -> new ArrayList<>()).add(lines.get(0));
                }
            }
            return found;
        });
    }

    private Path directory(String digest) throws ImageException {
        return images.resolve(Digest.parse(digest).hex());
    }

    private Path nameFile(String name) {
        return names.resolve(Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex());
    }

    @Json
    public record StoredImage(
            String digest,
            String root,
            long size,
            String created,
            Map<String, String> env,
            String workdir,
            String user,
            List<String> entrypoint,
            List<String> cmd) {
        Image image(Path directory, Map<String, List<String>> named) {
            Image.Config config = new Image.Config(env, workdir, user, entrypoint, cmd);
            List<String> names = named.getOrDefault(digest, List.of());
            return new Image(digest, names, directory.resolve(root), size, Instant.parse(created), config);
        }
    }
}
