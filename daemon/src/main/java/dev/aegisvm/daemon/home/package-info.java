/** Every path below the daemon's home directory, and its configuration. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.home;
