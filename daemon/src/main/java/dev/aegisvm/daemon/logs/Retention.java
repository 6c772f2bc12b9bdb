package dev.aegisvm.daemon.logs;

/**
 * How much of a log is kept.
 *
 * @param fileBytes size at which a file is rotated
 * @param files how many files are kept, the one being written included; at least 2
 */
public record Retention(long fileBytes, int files) {}
