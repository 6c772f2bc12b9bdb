package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.source.Documents.Descriptor;

/** A download of one blob into a file. After a failure it goes on where it was. Its digest is computed meanwhile. */
final class BlobDownload implements Attempts.Step<Blob> {
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
    public Blob run() throws ImageException, IOException {
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
            throw new IOException("a layer ended after " + done + " of " + blob.size() + " bytes");
        }
        Digest.finished(computation).require(digest, "a layer from the registry");
        return new Blob(file, 0, done, true);
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

    /** Closes a stream on which nothing has come for a minute: a dead connection need not fail by itself. */
    static final class StallGuard extends ReadThrough {
        private static final long LIMIT_SECONDS = 60;

        private final AtomicLong reads = new AtomicLong();
        private final CountDownLatch closed = new CountDownLatch(1);

        StallGuard(InputStream in) {
            super(in);
            Thread.ofVirtual().name("stall-guard").start(this::watch);
        }

        private void watch() {
            try {
                long before;
                do {
                    before = reads.get();
                    if (closed.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                        return;
                    }
                } while (reads.get() != before);
                in.close();
            } catch (InterruptedException | IOException over) {
                // The reader sees the same.
            }
        }

        @Override
        protected void passed(byte[] buffer, int offset, int read) {
            reads.incrementAndGet();
        }

        @Override
        public void close() throws IOException {
            closed.countDown();
            super.close();
        }
    }
}
