/** {@code aegis cp}: trees of files between this host and a guest, as tar streams. */
@NullMarked
package dev.aegisvm.cli.copy;

import org.jspecify.annotations.NullMarked;
