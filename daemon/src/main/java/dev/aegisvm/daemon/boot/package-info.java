/** Boots instances: the steps from nothing to a started main process, and what is done with a VM after that. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.boot;
