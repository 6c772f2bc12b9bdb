/** The typed client of the daemon, which it finds or starts by itself. */
@NullMarked
package dev.aegisvm.client;

import org.jspecify.annotations.NullMarked;
