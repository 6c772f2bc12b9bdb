/** The contract between the daemon and its clients: records, their JSON and every URL, without any I/O. */
@NullMarked
package dev.aegisvm.api;

import org.jspecify.annotations.NullMarked;
