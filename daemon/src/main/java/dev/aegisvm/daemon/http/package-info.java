/** The API over the unix socket: one visible table of routes, and small handlers that call the domain. */
@NullMarked
package dev.aegisvm.daemon.http;

import org.jspecify.annotations.NullMarked;
