package dev.aegisvm.client;

import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/**
 * Where goes what an attached process writes.
 *
 * @param note takes lines that the daemon has for the user
 */
public record ProcessSinks(WritableByteChannel stdout, WritableByteChannel stderr, Consumer<String> note) {}
