package dev.aegisvm.bench;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.Routes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Execs one after the other on a connection, answered in lines of JSON: what a small program against the API does. */
final class NdjsonExec implements Closeable {
    private final SocketChannel channel;
    private final InputStream in;

    private NdjsonExec(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    static NdjsonExec connect(Path socket) throws IOException {
        return new NdjsonExec(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /** Runs a command to its end, which must be a good one. */
    void run(String instance, List<String> command) throws IOException {
        byte[] body = ApiJson.write(ExecRequest.of(command));
        String head = Routes.EXEC.method() + " " + Routes.EXEC.path(instance) + " HTTP/1.1\r\nHost: aegisd\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        ByteBuffer request = ByteBuffer.allocate(head.length() + body.length)
                .put(head.getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
        String answer = answer();
        String last = answer.strip();
        last = last.substring(last.lastIndexOf('\n') + 1);
        ExecDone done = ApiJson.answer(ExecDone.class, last.getBytes(StandardCharsets.UTF_8));
        if (!done.done() || done.exitCode() != 0) {
            throw new IOException("an exec ended so: " + last);
        }
    }

    /** Reads an answer of status 200 in chunks, and gives its body. */
    private String answer() throws IOException {
        String status = line();
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            chunked |= header.toLowerCase(Locale.ROOT).equals("transfer-encoding: chunked");
        }
        if (!status.startsWith("HTTP/1.1 200") || !chunked) {
            throw new IOException("an exec is answered by '" + status + "'" + (chunked ? "" : ", not in chunks"));
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.write(in.readNBytes(size));
            line();
        }
        line();
        return body.toString(StandardCharsets.UTF_8);
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the daemon closed the connection in the middle of an answer");
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
