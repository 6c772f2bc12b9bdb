/** The stores that the domain declares, kept in SQLite; the only place that knows SQL. */
@NullMarked
package dev.aegisvm.daemon.registry;

import org.jspecify.annotations.NullMarked;
