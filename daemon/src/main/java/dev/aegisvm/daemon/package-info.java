/** The daemon's entry point and composition root. */
@NullMarked
package dev.aegisvm.daemon;

import org.jspecify.annotations.NullMarked;
