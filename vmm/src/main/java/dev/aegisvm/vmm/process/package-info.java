/** Processes of the host: started with few rights, signalled only when they are surely still the same one. */
@NullMarked
package dev.aegisvm.vmm.process;

import org.jspecify.annotations.NullMarked;
