/** {@code aegis doctor --attack}: a VM attacks this host, and what held is shown. */
@NullMarked
package dev.aegisvm.cli.attack;

import org.jspecify.annotations.NullMarked;
