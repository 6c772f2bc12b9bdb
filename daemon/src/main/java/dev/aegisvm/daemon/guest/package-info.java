/** The daemon's conversation with the harness inside one VM. */
@NullMarked
package dev.aegisvm.daemon.guest;

import org.jspecify.annotations.NullMarked;
