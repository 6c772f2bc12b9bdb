/** The frames, streams and messages that the daemon and the harness in a VM exchange over one serial port. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.guest.protocol;
