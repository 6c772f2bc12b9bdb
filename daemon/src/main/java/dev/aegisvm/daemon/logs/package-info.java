/** The logs of an instance: rotated files on disk, and followers that lose nothing. */
@NullMarked
package dev.aegisvm.daemon.logs;

import org.jspecify.annotations.NullMarked;
