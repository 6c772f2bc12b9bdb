/** When an instance may sleep: what uses it, what its guest does, and the rules. */
@NullMarked
package dev.aegisvm.daemon.idle;

import org.jspecify.annotations.NullMarked;
