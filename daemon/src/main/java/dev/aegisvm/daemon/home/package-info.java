/** Every path below the daemon's home directory, and its configuration. */
@NullMarked
package dev.aegisvm.daemon.home;

import org.jspecify.annotations.NullMarked;
