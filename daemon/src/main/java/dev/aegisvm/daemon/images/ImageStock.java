package dev.aegisvm.daemon.images;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.ImageViews.ImagesPruned;
import dev.aegisvm.image.Image;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageReference;
import dev.aegisvm.image.Images;
import dev.aegisvm.image.PullListener;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The images of the cache, and which instances of this daemon need them: those are not deleted. Every method that finds an
 * obstacle throws an {@link ApiException} that names it.
 */
public final class ImageStock implements AutoCloseable {
    /** Clients have directories of their own, so that they name layouts by absolute paths. */
    private static final Path NOWHERE = Path.of("/");

    private final Images images;
    /** The ids of the instances that need an image, by its digest. */
    private final Map<String, Set<String>> users = new HashMap<>();

    public ImageStock(Images images) {
        this.images = images;
    }

    /** What a client calls an image. */
    public static ImageReference reference(String text) {
        if (text.startsWith(ImageReference.LAYOUT_PREFIX) && !text.startsWith(ImageReference.LAYOUT_PREFIX + "/")) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "the directory in '" + text + "' is not absolute",
                    "write " + ImageReference.LAYOUT_PREFIX + "/…");
        }
        try {
            return ImageReference.parse(text, NOWHERE);
        } catch (ImageException mistake) {
            throw ImageRefusal.of(mistake);
        }
    }

    /** The image that a reference leads to; it is pulled unless it is here. Blocks. */
    public Image get(ImageReference reference, PullListener listener) {
        try {
            return images.get(reference, listener);
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    /**
     * Fetches an image.
     *
     * @param missing only if none of that name is here
     */
    public ImageWork pull(ImageReference reference, boolean missing) {
        return ImageWork.start(
                "pull", listener -> List.of(view(missing ? get(reference, listener) : fetch(reference, listener))));
    }

    private Image fetch(ImageReference reference, PullListener listener) {
        try {
            return images.pull(reference, listener);
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    /** Takes in the images of an archive on this host. */
    public ImageWork load(Path archive) {
        return ImageWork.start("load", listener -> {
            try {
                return views(images.load(archive, listener));
            } catch (ImageException obstacle) {
                throw ImageRefusal.of(obstacle);
            }
        });
    }

    /** All images, the newest first. */
    public List<ImageView> list() {
        try {
            return views(images.list());
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    /** Deletes an image, by name or digest; a name among several is forgotten, and its image stays. */
    public synchronized void delete(String nameOrDigest) {
        try {
            var _ = images.delete(nameOrDigest, users.keySet());
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    /** Deletes every image that no instance is made of. */
    public synchronized ImagesPruned prune() {
        try {
            List<Image> gone = images.prune(users.keySet());
            return new ImagesPruned(
                    gone.size(),
                    gone.stream().map(Image::digest).toList(),
                    gone.stream().mapToLong(Image::size).sum());
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    private List<ImageView> views(List<Image> found) {
        return found.stream().map(this::view).toList();
    }

    private synchronized ImageView view(Image image) {
        List<String> usedBy =
                users.getOrDefault(image.digest(), Set.of()).stream().sorted().toList();
        return new ImageView(image.digest(), image.names(), image.size(), image.created(), usedBy);
    }

    /**
     * The root file system of an image that an instance was made of. A cache may be emptied by its owner, so one that is not
     * there any more is fetched again.
     *
     * @param name the reference in full by which it was had
     */
    public Path root(String name, String digest) {
        try {
            Optional<Image> here = images.find(digest);
            return here.isPresent()
                    ? here.get().root()
                    : again(reference(name), digest).root();
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    private Image again(ImageReference reference, String digest) throws ImageException {
        ImageReference exact = switch (reference) {
            case ImageReference.InRegistry remote ->
                new ImageReference.InRegistry(
                        remote.host(), remote.repository(), Optional.empty(), Optional.of(digest));
            case ImageReference.InLayout layout -> layout;
        };
        Image image = images.pull(exact, PullListener.NONE);
        if (!image.digest().equals(digest)) {
            throw new ImageException(
                    ImageException.Reason.NOT_FOUND,
                    exact.name() + " is another image now than " + digest + ", of which the instance was made",
                    "put that one back, or delete the instance and create it again");
        }
        return image;
    }

    /**
     * Notes that an instance needs an image, until {@link #release}.
     *
     * @return false when the image was deleted
     */
    public synchronized boolean claim(String digest, String instance) {
        users.computeIfAbsent(digest, first -> new HashSet<>()).add(instance);
        try {
            return images.find(digest).isPresent();
        } catch (ImageException obstacle) {
            throw ImageRefusal.of(obstacle);
        }
    }

    /** The instance needs the image no more. */
    public synchronized void release(String digest, String instance) {
        users.computeIfPresent(digest, (key, ids) -> {
            ids.remove(instance);
            return ids.isEmpty() ? null : ids;
        });
    }

    /** Pulls that wait for a registry give up. */
    @Override
    public void close() {
        images.close();
    }
}
