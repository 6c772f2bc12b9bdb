/** The cache of root file systems, by digest. */
@NullMarked
package dev.aegisvm.image.store;

import org.jspecify.annotations.NullMarked;
