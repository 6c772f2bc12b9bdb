/** What the host has and lacks, found with the same look-ups that the daemon works with. */
@NullMarked
package dev.aegisvm.daemon.check;

import org.jspecify.annotations.NullMarked;
