/** A hypervisor without VMs, and a harness that plays the guest: what the daemon's tests run on. */
@NullMarked
package dev.aegisvm.vmm.fake;

import org.jspecify.annotations.NullMarked;
