/** The logs of an instance: rotated files on disk, and followers that lose nothing. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.logs;
