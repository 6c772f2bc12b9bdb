/** Boots instances: the steps from nothing to a started main process, and what is done with a VM after that. */
@NullMarked
package dev.aegisvm.daemon.boot;

import org.jspecify.annotations.NullMarked;
