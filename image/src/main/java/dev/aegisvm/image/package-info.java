/** Turns image references into root file systems: resolve, pull, merge the layers, keep the result by its digest. */
@NullMarked
package dev.aegisvm.image;

import org.jspecify.annotations.NullMarked;
