package dev.aegisvm.daemon.guest;

import java.io.*;

/** Writes content to a stream that blocks; it may close it, or not. */
@FunctionalInterface
public interface FileContent {
    void write(OutputStream out) throws IOException;
}
