package dev.aegisvm.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Content of any size, while it is being received; closing it gives up what was not read. */
final class Download extends FilterInputStream {
    private final UnixHttp connection;

    Download(InputStream body, UnixHttp connection) {
        super(body);
        this.connection = connection;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
