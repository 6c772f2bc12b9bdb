/** Processes in guests, and the clients that are attached to them. */
@NullMarked
package dev.aegisvm.daemon.exec;

import org.jspecify.annotations.NullMarked;
