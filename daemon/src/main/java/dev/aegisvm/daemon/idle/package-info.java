/** When an instance may sleep: what uses it, what its guest does, and the rules. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.idle;
