/** Processes in guests, and the clients that are attached to them. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.exec;
