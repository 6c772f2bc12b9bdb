package dev.aegisvm.vmm.contract;

import module java.base;

/** The least of a conversation with a harness, byte by byte: this room does not know the protocol's room. */
public final class RawGuest {
    private static final int HELLO = 1;
    private static final int CONTROL = 2;
    private static final int HEADER = 8;
    private static final int NONCE = 16;
    private static final Pattern UPTIME = Pattern.compile("\"uptime_ms\":(\\d+)");

    private final ByteChannel channel;
    private int calls;

    private RawGuest(ByteChannel channel) {
        this.channel = channel;
    }

    /** Says HELLO, and drops all that comes before the answer. */
    static RawGuest hello(ByteChannel channel, long limitSeconds) throws IOException {
        RawGuest guest = new RawGuest(channel);
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        byte[] payload = ByteBuffer.allocate(28)
                .put("AEGISVM\0".getBytes(StandardCharsets.US_ASCII))
                .putShort((short) 1)
                .putShort((short) 0)
                .put(nonce)
                .array();
        byte[] frame = frame(HELLO, payload);
        within(limitSeconds, () -> {
            guest.write(frame);
            byte[] seen = new byte[frame.length];
            while (!Arrays.equals(seen, frame)) {
                System.arraycopy(seen, 1, seen, 0, seen.length - 1);
                seen[seen.length - 1] = guest.read(1).get();
            }
            return true;
        });
        return guest;
    }

    /** Sends a call, and returns the answer when it is there. */
    CompletableFuture<String> begin(String method, String params) {
        int id = ++calls;
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                write(frame(
                        CONTROL,
                        ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params
                                        + "}")
                                .getBytes(StandardCharsets.UTF_8)));
                answer.complete(answerTo(id));
            } catch (IOException over) {
                answer.completeExceptionally(over);
            }
        });
        return answer;
    }

    String call(String method, String params, long limitSeconds) throws IOException {
        return within(limitSeconds, () -> begin(method, params).get());
    }

    long uptimeMs(long limitSeconds) throws IOException {
        Matcher uptime = UPTIME.matcher(call("health", "{}", limitSeconds));
        if (!uptime.find()) {
            throw new IOException("no uptime");
        }
        return Long.parseLong(uptime.group(1));
    }

    private String answerTo(int id) throws IOException {
        while (true) {
            ByteBuffer header = read(HEADER);
            String payload = StandardCharsets.UTF_8
                    .decode(read(header.getShort(2) & 0xFFFF))
                    .toString();
            if (header.get(0) == CONTROL && payload.contains("\"id\":" + id + ",")) {
                if (payload.contains("\"error\":")) {
                    throw new IOException(payload);
                }
                return payload;
            }
        }
    }

    private static byte[] frame(int type, byte[] payload) {
        return ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putShort((short) payload.length)
                .putInt(0)
                .put(payload)
                .array();
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the guest hung up");
            }
        }
        return bytes.flip();
    }

    /** Something that takes its time. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws IOException, ExecutionException, InterruptedException;
    }

    /** Runs a step on a thread of its own. */
    static <T> T within(long limitSeconds, Step<T> step) throws IOException {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                done.complete(step.run());
            } catch (IOException | ExecutionException | InterruptedException | RuntimeException failure) {
                done.completeExceptionally(failure);
            }
        });
        try {
            return done.get(limitSeconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IOException(String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }
}
