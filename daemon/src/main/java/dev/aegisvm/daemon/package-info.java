/** The daemon's entry point and composition root. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon;
