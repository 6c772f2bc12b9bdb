/** The network of a VM: egress through passt, without a path to the host's loopback. */
@NullMarked
package dev.aegisvm.vmm.net;

import org.jspecify.annotations.NullMarked;
