/** The network of a VM: egress through passt, without a path to the host's loopback. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.vmm.net;
