/** The backend that runs each VM as one QEMU process, started from a template snapshot where there is one. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.vmm.qemu;
