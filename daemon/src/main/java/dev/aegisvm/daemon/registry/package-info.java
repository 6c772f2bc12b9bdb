/** The stores that the domain declares, kept in SQLite; the only place that knows SQL. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.registry;
