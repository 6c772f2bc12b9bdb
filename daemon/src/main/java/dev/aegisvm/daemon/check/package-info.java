/** What the host has and lacks, found with the same look-ups that the daemon works with. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.check;
