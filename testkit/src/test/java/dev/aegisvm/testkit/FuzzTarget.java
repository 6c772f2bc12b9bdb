package dev.aegisvm.testkit;

import module java.base;
import java.lang.management.ManagementFactory;

/**
 * A parser of foreign bytes as a fuzzer drives it, with what one input may cost. It takes an input or refuses it as the parser
 * declares; whatever else it throws is a fault.
 *
 * @param parser named as its corpus and its dictionary are: {@code fuzz/NAME/…} and {@code fuzz/NAME.dict} of the test resources
 * @param heap bytes that the thread may allocate for any input
 * @param heapPerByte bytes that it may allocate beyond that for each byte of the input
 */
public record FuzzTarget(String parser, Take take, long heap, long heapPerByte) {
    private static final long HEAP = 8L << 20;
    private static final long HEAP_PER_BYTE = 256;
    /** What Jazzer puts into a class to see where it goes allocates too. */
    private static final long OF_INSTRUMENTATION = Long.getLong("aegis.fuzz.instrumented", 1);

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is done with an input; fails where the parser does what it must not. */
    @FunctionalInterface
    public interface Take {
        void take(byte[] input) throws Exception;
    }

    /** One with the usual bounds. */
    public static FuzzTarget of(String parser, Take take) {
        return new FuzzTarget(parser, take, HEAP, HEAP_PER_BYTE);
    }

    /** Takes an input, within its bounds; one that is beyond them is taken again, since classes are loaded when first used. */
    public void accept(byte[] input) throws Exception {
        if (!measure(input).isEmpty()) {
            String tooMuch = measure(input);
            if (!tooMuch.isEmpty()) {
                throw new AssertionError(input.length + " bytes cost " + tooMuch);
            }
        }
    }

    private String measure(byte[] input) throws Exception {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long cpu = THREADS.getCurrentThreadCpuTime();
        take.take(input);
        long used = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        long took = THREADS.getCurrentThreadCpuTime() - cpu;
        boolean tooMuch = used > OF_INSTRUMENTATION * (heap + heapPerByte * input.length) || took > LONGEST.toNanos();
        return tooMuch ? used + " bytes of heap and " + Duration.ofNanos(took) + " of the CPU" : "";
    }
}
