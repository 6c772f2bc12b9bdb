/** The images that instances start from, and what may become of them. */
@NullMarked
package dev.aegisvm.daemon.images;

import org.jspecify.annotations.NullMarked;
