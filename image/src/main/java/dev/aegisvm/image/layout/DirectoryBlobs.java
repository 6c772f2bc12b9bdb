package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of a layout in a directory. */
record DirectoryBlobs(Path directory) implements Blobs {
    @Override
    public InputStream open(String name) throws ImageException, IOException {
        return Files.newInputStream(path(name));
    }

    @Override
    public boolean has(String name) throws ImageException {
        return Files.isRegularFile(path(name));
    }

    @Override
    public long size(String name) throws ImageException, IOException {
        return Files.size(path(name));
    }

    private Path path(String name) throws ImageException {
        Path path = directory.resolve(name).normalize();
        if (!path.startsWith(directory)) {
            throw ImageException.broken("the layout names a file outside its directory: " + name);
        }
        return path;
    }
}
