/** The contract between the daemon and its clients: records, their JSON and every URL, without any I/O. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.api;
