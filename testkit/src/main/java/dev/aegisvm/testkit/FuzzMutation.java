package dev.aegisvm.testkit;

import module java.base;

/** Makes inputs out of those of a corpus: what is random is drawn from one generator, so that its seed makes them again. */
final class FuzzMutation {
    private static final int MOST_STEPS = 6;
    private static final int LONGEST_INPUT = 1 << 16;
    private static final int LONGEST_REPEAT = 4096;
    /** Numbers at the edges of the types that lengths and counts are read into. */
    private static final long[] EDGES = {
        0,
        1,
        2,
        16,
        127,
        128,
        255,
        256,
        511,
        512,
        513,
        4095,
        4096,
        32_767,
        32_768,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 50,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        100_000_003
    };

    private final RandomGenerator random;
    private final FuzzCorpus corpus;

    FuzzMutation(RandomGenerator random, FuzzCorpus corpus) {
        this.random = random;
        this.corpus = corpus;
    }

    byte[] next() {
        byte[] input = entry();
        int steps = 1 + random.nextInt(MOST_STEPS);
        for (int i = 0; i < steps; i++) {
            input = step(input);
        }
        return input.length > LONGEST_INPUT ? Arrays.copyOf(input, LONGEST_INPUT) : input;
    }

    private byte[] entry() {
        List<byte[]> entries = corpus.entries();
        return entries.get(random.nextInt(entries.size()));
    }

    private byte[] step(byte[] input) {
        int at = random.nextInt(input.length + 1);
        int end = Math.min(input.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : input.length + 1));
        return switch (random.nextInt(9)) {
            case 0 -> flipped(input);
            case 1 -> withNumber(input, at);
            case 2 -> withDigits(input, at);
            case 3 -> replaced(input, at, end, new byte[0]);
            case 4 -> Arrays.copyOf(input, at);
            case 5 -> replaced(input, at, random.nextBoolean() ? at : end, word());
            case 6 -> replaced(input, at, at, repeated(Arrays.copyOfRange(input, at, end)));
            case 7 -> spliced(input, at);
            default -> replaced(input, at, at, new byte[] {(byte) random.nextInt(256)});
        };
    }

    private byte[] flipped(byte[] input) {
        byte[] output = input.clone();
        if (output.length > 0) {
            output[random.nextInt(output.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return output;
    }

    /** A number in 1, 2, 4 or 8 bytes, as the field of a header has it. */
    private byte[] withNumber(byte[] input, int at) {
        int width = 1 << random.nextInt(4);
        ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        byte[] number = ByteBuffer.allocate(8).order(order).putLong(edge()).array();
        int from = order == ByteOrder.BIG_ENDIAN ? 8 - width : 0;
        return replaced(input, at, Math.min(input.length, at + width), Arrays.copyOfRange(number, from, from + width));
    }

    /** Another number in place of the digits that begin at or after a place. */
    private byte[] withDigits(byte[] input, int at) {
        int start = at;
        while (start < input.length && !isDigit(input[start])) {
            start++;
        }
        int end = start;
        while (end < input.length && isDigit(input[end])) {
            end++;
        }
        String digits = Long.toString(edge(), random.nextBoolean() ? 10 : 8 << random.nextInt(2));
        return replaced(input, start, end, digits.getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private long edge() {
        return EDGES[random.nextInt(EDGES.length)] + random.nextInt(-1, 2);
    }

    private byte[] word() {
        List<byte[]> words = corpus.words();
        return words.isEmpty() ? new byte[] {0} : words.get(random.nextInt(words.size()));
    }

    private byte[] repeated(byte[] piece) {
        int times = 1 << random.nextInt(10);
        int most = piece.length == 0 ? 0 : Math.max(1, LONGEST_REPEAT / piece.length);
        byte[] many = new byte[piece.length * Math.min(times, most)];
        for (int i = 0; i < many.length; i++) {
            many[i] = piece[i % piece.length];
        }
        return many;
    }

    /** This one up to a place, and then another from a place on. */
    private byte[] spliced(byte[] input, int at) {
        byte[] other = entry();
        int from = random.nextInt(other.length + 1);
        return replaced(input, at, input.length, Arrays.copyOfRange(other, from, other.length));
    }

    private static byte[] replaced(byte[] input, int from, int end, byte[] by) {
        return ByteBuffer.allocate(from + by.length + input.length - end)
                .put(input, 0, from)
                .put(by)
                .put(input, end, input.length - end)
                .array();
    }
}
