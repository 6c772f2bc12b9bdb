/** Turns image references into root file systems: resolve, pull, merge the layers, keep the result by its digest. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.image;
