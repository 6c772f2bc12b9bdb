/** The host's ports of the instances: who connects there reaches a port of the guest, whatever state its VM is in. */
@NullMarked
package dev.aegisvm.daemon.router;

import org.jspecify.annotations.NullMarked;
