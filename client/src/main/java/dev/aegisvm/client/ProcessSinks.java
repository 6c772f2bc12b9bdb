package dev.aegisvm.client;

import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/**
 * Where goes what an attached process writes.
 *
 * @param started is told when the process runs
 * @param note takes lines that the daemon has for the user
 */
public record ProcessSinks(
        WritableByteChannel stdout, WritableByteChannel stderr, Runnable started, Consumer<String> note) {}
