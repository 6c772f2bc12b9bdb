/** The host's ports of the instances: who connects there reaches a port of the guest, whatever state its VM is in. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.router;
