/** The typed client of the daemon, which it finds or starts by itself. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.client;
