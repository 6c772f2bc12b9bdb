/** Images are made in a process of their own: whatever is in one costs that process, and not the daemon. */
@NullMarked
package dev.aegisvm.image.child;

import org.jspecify.annotations.NullMarked;
