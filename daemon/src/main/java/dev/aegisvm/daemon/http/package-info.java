/** The API over the unix socket: one visible table of routes, and small handlers that call the domain. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.http;
