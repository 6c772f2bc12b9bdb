/** The seam to a hypervisor: what every backend can do with a VM, and how it says that it cannot. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.vmm;
