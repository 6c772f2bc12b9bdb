/** The frames, streams and messages that the daemon and the harness in a VM exchange over one serial port. */
@NullMarked
package dev.aegisvm.guest.protocol;

import org.jspecify.annotations.NullMarked;
