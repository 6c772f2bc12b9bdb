/** {@code aegis cp}: trees of files between this host and a guest, as tar streams. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.cli.copy;
