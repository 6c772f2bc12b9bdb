/** The seam to a hypervisor: what every backend can do with a VM, and how it says that it cannot. */
@NullMarked
package dev.aegisvm.vmm;

import org.jspecify.annotations.NullMarked;
