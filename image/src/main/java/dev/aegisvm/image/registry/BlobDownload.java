package dev.aegisvm.image.registry;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.oci.Descriptor;
import dev.aegisvm.image.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/** One blob on its way into a file. After a failure it goes on where it was; its digest is computed as it comes. */
final class BlobDownload implements Attempts.Step<Path> {
    private static final int BUFFER = 256 * 1024;

    private final RegistryHttp http;
    private final Descriptor blob;
    private final Digest digest;
    private final Path file;
    private final LongConsumer progress;
    private MessageDigest computation = Digest.sha256();
    private long done;

    BlobDownload(RegistryHttp http, Descriptor blob, Path file, LongConsumer progress) throws ImageException {
        this.http = http;
        this.blob = blob;
        this.digest = blob.blob();
        this.file = file;
        this.progress = progress;
    }

    @Override
    public long progress() {
        return done;
    }

    @Override
    public Path run() throws ImageException, IOException {
        RegistryHttp.Body body = http.open("blobs/" + digest, "", done);
        try (InputStream in = new StallGuard(body.stream());
                FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (!body.partial() && done > 0) {
                progress.accept(-done);
                done = 0;
                computation = Digest.sha256();
            }
            out.truncate(done).position(done);
            copy(in, out);
        }
        if (done < blob.size()) {
            throw new TransientFailure("a layer ended after " + done + " of " + blob.size() + " bytes", null);
        }
        Digest found = Digest.finished(computation);
        if (!found.equals(digest)) {
            throw ImageException.broken(
                    "a layer from the registry is not what its digest says: expected " + digest + ", found " + found);
        }
        return file;
    }

    private void copy(InputStream in, FileChannel out) throws IOException, ImageException {
        byte[] buffer = new byte[BUFFER];
        int read;
        while ((read = in.read(buffer)) > 0) {
            if (done + read > blob.size()) {
                throw ImageException.broken("a layer from the registry is longer than its manifest says");
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            computation.update(buffer, 0, read);
            done += read;
            progress.accept(read);
        }
    }
}
