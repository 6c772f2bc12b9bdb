/** The images that instances start from, and what may become of them. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.images;
